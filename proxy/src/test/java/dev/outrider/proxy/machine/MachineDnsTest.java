package dev.outrider.proxy.machine;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.table.StaticRecord;
import dev.outrider.proxy.machine.MachineConfig.InvalidMachineConfig;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MachineDnsTest {

    @Test
    void everySettingArrives() throws Exception {
        MachineDns dns = read(Map.of(
                "OUTRIDER_DNS_LISTEN", "127.0.0.1:53, [::1]:53", "OUTRIDER_DNS_UPSTREAM", "10.0.0.2,[fd00::2]:5353", "OUTRIDER_DNS_ZONES", "Mesh.Example.",
                "OUTRIDER_DNS_FORWARD", "corp.example=10.0.0.3,10.0.0.4:54; other.example=10.0.0.5",
                "OUTRIDER_DNS_RECORDS", "istiod.istio-system.svc A 203.0.113.5; *.apps.example AAAA 2001:db8::1;note.example TXT two words",
                "OUTRIDER_DNS_TTL", "10s", "OUTRIDER_DNS_SEARCH", "true", "OUTRIDER_DNS_ALLOW", "10.0.0.0/8", "POD_NAMESPACE", "vms"));
        DnsSettings settings = dns.settings();
        assertEquals(List.of(at("127.0.0.1", 53), at("::1", 53)), settings.listen());
        assertEquals(List.of(at("10.0.0.2", 53), at("fd00::2", 5353)), settings.upstream().servers());
        assertEquals(List.of("mesh.example"), settings.mesh().zones());
        assertEquals("vms", settings.mesh().namespace());
        assertEquals(
                List.of(new DnsSettings.Route("corp.example", List.of(at("10.0.0.3", 53), at("10.0.0.4", 54))), new DnsSettings.Route("other.example", List.of(at("10.0.0.5", 53)))),
                settings.upstream().routes());
        assertEquals(
                List.of(new StaticRecord("istiod.istio-system.svc", "A", "203.0.113.5"), new StaticRecord("*.apps.example", "AAAA", "2001:db8::1"), new StaticRecord("note.example", "TXT", "two words")),
                settings.records());
        assertEquals(Duration.ofSeconds(10), settings.answers().ttl());
        assertEquals(List.of("10.0.0.0/8"), settings.allowedPeers());
        assertTrue(dns.search());
    }

    private static MachineDns read(Map<String, String> environment) throws InvalidMachineConfig {
        return MachineDns.of(environment, name -> name);
    }

    @Test
    void anErrorSaysWhichFileAndLineItIsIn(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("etc/outrider"));
        Files.writeString(root.resolve("etc/outrider/outrider.yaml"), "dns:\n  records:\n    - db.example A 10.0.0.256\n");
        var error = assertThrows(InvalidMachineConfig.class, () -> MachineDns.of(EffectiveSettings.read(new Places(root))));
        String message = String.valueOf(error.getMessage());
        assertTrue(message.contains("outrider.yaml:") && message.contains(": dns.records: 'db.example A 10.0.0.256' is not a record such as"), message);
    }

    private static InetSocketAddress at(String ip, int port) {
        return MachineDns.address(ip, port);
    }

    @ParameterizedTest
    @CsvSource({"'', '', redirect", "false, '', none", "true, resolved-link, resolved-link", "false, resolvconf, resolvconf"})
    void theAdapterIsRedirectUnlessItIsSaidOtherwise(String capture, String adapter, String expected) throws Exception {
        assertEquals(expected, read(Map.of("ISTIO_META_DNS_CAPTURE", capture, "OUTRIDER_DNS_ADAPTER", adapter)).adapter());
    }

    @ParameterizedTest
    @CsvSource({"10.96.0.0/16, true", "10.96.0.0/12, true", "10.0.0.0/8, false", "fd00:96::/112, true", "*, false"})
    void aServiceRangeIsOursUnlessItIsTooWide(String range, boolean ours) throws Exception {
        assertEquals(ours, read(Map.of("ISTIO_SERVICE_CIDR", range)).settings().mesh().serviceRanges().contains(range));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "OUTRIDER_DNS_LISTEN | 127.0.0.1:70000 | is not an address such as 127.0.0.1:15053",
        "OUTRIDER_DNS_UPSTREAM | resolver.example | is not an address such as 127.0.0.1:53",
        "OUTRIDER_DNS_ZONES | a..b | is not a domain such as corp.example",
        "OUTRIDER_DNS_ZONES | 'a b' | is not a domain",
        "OUTRIDER_DNS_FORWARD | corp.example | is not a zone and its servers such as corp.example=10.0.0.2,10.0.0.3",
        "OUTRIDER_DNS_FORWARD | corp.example=x | 'x' is not an address",
        "OUTRIDER_DNS_RECORDS | db.example A 10.0.0.256 | is not a record such as istiod.istio-system.svc A 10.0.0.1",
        "OUTRIDER_DNS_RECORDS | db.example MX mail.example | (A, AAAA, CNAME or TXT)",
        "OUTRIDER_DNS_TTL | 0s | is not a time from 1s to 1h",
        "OUTRIDER_DNS_TTL | 61m | is not a time from 1s to 1h",
        "OUTRIDER_DNS_SEARCH | yes | is neither true nor false",
        "OUTRIDER_DNS_ALLOW | 10.0.0.0/33 | address range 10.0.0.0/33",
        "ISTIO_SERVICE_CIDR | 10.96 | address range 10.96",
    })
    void anErrorNamesTheSettingTheValueAndTheForm(String name, String value, String form) {
        var error = assertThrows(InvalidMachineConfig.class, () -> read(Map.of(name, value)));
        String message = String.valueOf(error.getMessage());
        assertTrue(message.startsWith(name + ": ") && message.contains(form), message);
    }
}
