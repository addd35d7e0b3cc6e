package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.DnsShim;
import dev.outrider.dns.table.StaticRecord;
import dev.outrider.proxy.app.sidecar.stats.DnsStats;
import dev.outrider.proxy.telemetry.PrometheusStats;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.StatsMatcher;
import dev.outrider.proxy.telemetry.StatsView;
import dev.outrider.proxy.telemetry.TagRules;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DnsStatsTest {

    @Test
    void answersAreCountedByZoneTypeCodeAndSourceAndNeverByName() throws Exception {
        Stats stats = new Stats();
        try (DnsShim shim = new DnsShim(DnsSettings.defaults()
                .withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .withServers(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
                .withRecords(List.of(new StaticRecord("secret-project.svc.cluster.local", "A", "203.0.113.5"))))) {
            shim.start();
            DnsStats.register(stats, shim);
            shim.explain("secret-project.svc.cluster.local", "A").get();
            shim.explain("secret-project.svc.cluster.local", "A").get();
            shim.explain("secret-project.svc.cluster.local", "MX").get();
            String text = scrape(stats);
            assertTrue(text.contains("outrider_dns_answers_total{zone=\"svc.cluster.local\",type=\"A\",rcode=\"NOERROR\",source=\"static\"} 2\n"), text);
            assertTrue(text.contains("type=\"MX\",rcode=\"NOERROR\""), text);
            assertTrue(text.contains("outrider_dns_answer_microseconds_bucket{source=\"static\",le=\"+Inf\"} "), text);
            assertTrue(text.contains("outrider_dns_synced{} 0\n"), text);
            assertFalse(text.contains("secret-project"), text);
        }
    }

    private static String scrape(Stats stats) {
        return new PrometheusStats(TagRules.defaults()).render(new StatsView(stats, StatsMatcher.ALL, false, null, StatsView.Type.ALL));
    }
}
