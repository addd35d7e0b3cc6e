package dev.outrider.proxy.admin.agent;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * {@code /stats/prometheus} and {@code /metrics} of port 15020: Outrider's figures, then those of the applications that the operator named. One
 * that does not answer is counted and left out: a scrape never fails for it.
 */
public final class MergedMetricsPage implements AdminPage {

    private static final int MAX_BYTES = 10 << 20;
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final String END = "# EOF";

    private final String path;
    private final AdminPage own;
    private final List<URI> applications;
    private final boolean local;
    private final Counter scrapes;
    private final Counter failures;

    /** {@code own} prints Outrider's figures; {@code local}: for this machine alone. */
    public MergedMetricsPage(String path, AdminPage own, List<URI> applications, boolean local, Stats stats) {
        this.path = path;
        this.own = own;
        this.applications = applications;
        this.local = local;
        scrapes = stats.counter("agent.scrapes_total");
        failures = stats.counter("agent.scrape_failures_total");
    }

    private record Scraped(String contentType, String body) {}

    @Override
    public String path() {
        return path;
    }

    @Override
    public String purpose() {
        return "metrics of Outrider and of the applications";
    }

    @Override
    public boolean anyHost() {
        return true;
    }

    @Override
    public boolean loopbackOnly() {
        return local;
    }

    @Override
    public boolean waits() {
        return !applications.isEmpty();
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        scrapes.inc();
        StringBuilder all = new StringBuilder(own.serve(request).body());
        String type = TEXT;
        for (URI application : applications) {
            try {
                Scraped scraped = scrape(application);
                if (scraped.contentType().startsWith(OPEN_METRICS)) {
                    type = scraped.contentType();
                }
                all.append(scraped.body().replace(END, "").stripTrailing()).append('\n');
            } catch (IOException e) {
                failures.inc();
            }
        }
        if (type.startsWith(OPEN_METRICS)) {
            all.append(END).append('\n');
        }
        return AdminResponse.of(type, all.toString());
    }

    /** Directly, whatever proxy the environment names: the target is on this machine. */
    private static Scraped scrape(URI target) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) target.toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("Accept", OPEN_METRICS + ";version=1.0.0,text/plain;version=0.0.4;q=0.5");
        try (InputStream in = connection.getInputStream()) {
            byte[] body = in.readNBytes(MAX_BYTES + 1);
            if (connection.getResponseCode() != 200 || body.length > MAX_BYTES) {
                throw new IOException(target + " answered " + connection.getResponseCode() + " with " + body.length + " bytes");
            }
            String type = connection.getContentType();
            return new Scraped(type == null ? TEXT : type, new String(body, StandardCharsets.UTF_8));
        } finally {
            connection.disconnect();
        }
    }
}
