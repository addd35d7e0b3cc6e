package dev.outrider.proxy.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine.Option;

/** Asks the running sidecar for one of its pages, and prints it: a command that knows no more than the page does. */
final class AdminCall {

    /** Longer than any page waits. */
    private static final int TIMEOUT_MILLIS = 15_000;

    private static final int MOST_BYTES = 64 << 20;

    @Option(names = "--admin", paramLabel = "ADDR:PORT", description = "the sidecar's admin endpoint, default ${DEFAULT-VALUE}")
    private String admin = "127.0.0.1:15000";

    @Option(names = "--json", description = "for scripts")
    private boolean json;

    /** Exit status: 0 when the page came, 1 when it refused or nobody is there. */
    int print(String path, Map<String, String> parameters) {
        StringBuilder url = new StringBuilder("http://" + admin + path);
        char separator = '?';
        if (json) {
            url.append("?format=json");
            separator = '&';
        }
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            // Pages take a plus for a plus.
            String value = URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8).replace("+", "%20");
            url.append(separator).append(parameter.getKey()).append('=').append(value);
            separator = '&';
        }
        try {
            HttpURLConnection connection = (HttpURLConnection) URI.create(url.toString()).toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            int status = connection.getResponseCode();
            try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                String text = body == null ? "" : new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
                (status < 400 ? System.out : System.err).print(text);
            }
            return status < 400 ? 0 : 1;
        } catch (IOException | IllegalArgumentException e) {
            System.err.println("outrider: no sidecar answers at " + admin + " (" + e.getMessage() + "); is it running? --admin names another address");
            return 1;
        }
    }
}
