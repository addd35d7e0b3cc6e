package dev.outrider.proxy.probe;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Healthy when a GET is answered with 200 to 399, each time over a connection of its own. A redirect within the service is followed, one to elsewhere
 * counts as an answer.
 */
record HttpCheck(ReadinessProbe.Http request, ProbeTarget target, Duration timeout) implements Check {

    private static final int MOST_REDIRECTS = 10;
    private static final int MOST_HEAD_BYTES = 16 * 1024;
    private static final Pattern STATUS = Pattern.compile("HTTP/1[.][01] ([0-9]{3})( .*)?");

    private record Answer(int status, @Nullable String location) {}

    @Override
    public void run() throws IOException {
        Deadline deadline = Deadline.in(timeout);
        String path = request.path();
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            Answer answer = get(path, deadline);
            if (answer.status < 200 || answer.status > 399) {
                throw new IOException("GET " + path + " on port " + target.port() + " was answered with " + answer.status);
            }
            String next = answer.status < 300 ? null : within(path, answer.location);
            if (next == null) {
                return;
            }
            path = next;
        }
        throw new IOException("GET " + request.path() + " on port " + target.port() + " led to more than " + MOST_REDIRECTS + " redirects");
    }

    /** The path of a redirect that stays with the service; null for every other. */
    private @Nullable String within(String path, @Nullable String location) {
        try {
            URI base = new URI((request.tls() ? "https://" : "http://") + authority()).resolve(path);
            URI next = location == null ? null : base.resolve(location);
            return next == null || next.getRawPath() == null || !base.getScheme().equals(next.getScheme()) || !base.getAuthority().equals(next.getAuthority())
                    ? null : (next.getRawPath().isEmpty() ? "/" : next.getRawPath()) + (next.getRawQuery() == null ? "" : "?" + next.getRawQuery());
        } catch (URISyntaxException | IllegalArgumentException e) {
            return null;
        }
    }

    private String authority() {
        for (Map.Entry<String, String> header : request.headers()) {
            if (header.getKey().equalsIgnoreCase("host")) {
                return header.getValue();
            }
        }
        return request.host().isEmpty()
                ? ProbeTarget.text(new InetSocketAddress(target.local(), target.port())) : request.host() + ":" + target.port();
    }

    private Answer get(String path, Deadline deadline) throws IOException {
        StringBuilder text = new StringBuilder("GET ").append(path).append(" HTTP/1.1\r\nHost: ").append(authority())
                .append("\r\nConnection: close\r\n");
        boolean named = false;
        for (Map.Entry<String, String> header : request.headers()) {
            if (!header.getKey().equalsIgnoreCase("host")) {
                text.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
                named |= header.getKey().equalsIgnoreCase("user-agent");
            }
        }
        text.append(named ? "\r\n" : "User-Agent: istio-probe/1.0\r\n\r\n");
        try (Socket plain = target.connect(deadline); Socket socket = request.tls() ? secured(plain, deadline) : plain) {
            socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
            return answer(socket, deadline);
        }
    }

    private static Answer answer(Socket socket, Deadline deadline) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        byte[] piece = new byte[1024];
        String text = "";
        while (!text.contains("\r\n\r\n")) {
            socket.setSoTimeout(deadline.millisLeft());
            int read = in.read(piece);
            if (read < 0 || head.size() > MOST_HEAD_BYTES) {
                throw new IOException(read < 0 ? "the connection ended before an answer" : "the answer's head is larger than 16 KiB");
            }
            head.write(piece, 0, read);
            text = head.toString(StandardCharsets.ISO_8859_1);
        }
        String[] lines = text.substring(0, text.indexOf("\r\n\r\n")).split("\r\n", -1);
        Matcher status = STATUS.matcher(lines[0]);
        if (!status.matches()) {
            throw new IOException("what answered does not speak HTTP/1");
        }
        String location = null;
        for (String line : lines) {
            if (line.toLowerCase(Locale.ROOT).startsWith("location:")) {
                location = line.substring("location:".length()).strip();
            }
        }
        return new Answer(Integer.parseInt(status.group(1)), location);
    }

    private Socket secured(Socket plain, Deadline deadline) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anyone()}, null);
            plain.setSoTimeout(deadline.millisLeft());
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, target.host().isEmpty() ? "localhost" : target.host(), target.port(), true);
            socket.startHandshake();
            return socket;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        }
    }

    /** Whether it answers is the question, not who it is: as with Istio's agent and the kubelet, its certificate may be any. */
    private static final class Anyone extends X509ExtendedTrustManager {

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {
            // Trusted.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine) {
            // Trusted.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // Trusted.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {
            throw new UnsupportedOperationException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine) {
            throw new UnsupportedOperationException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException("this is a client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
