package dev.outrider.proxy.app.sidecar;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A keep-alive client that repeats nothing: what is lost shows. It makes a new connection only where the last answer said so. */
final class RawHttp implements AutoCloseable {

    record Answer(int status, Map<String, String> headers, String body) {}

    private final InetSocketAddress to;
    private @Nullable Socket socket;
    private @Nullable InputStream in;
    int connections;

    RawHttp(InetSocketAddress to) {
        this.to = to;
    }

    Answer get(String path) throws IOException {
        Socket open = socket;
        InputStream from = in;
        if (open == null || from == null) {
            open = new Socket(to.getAddress(), to.getPort());
            open.setSoTimeout(20_000);
            open.setTcpNoDelay(true);
            from = new BufferedInputStream(open.getInputStream());
            socket = open;
            in = from;
            connections++;
        }
        OutputStream out = open.getOutputStream();
        out.write(("GET " + path + " HTTP/1.1\r\nhost: app\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        Answer answer = read(from);
        if ("close".equals(answer.headers.get("connection"))) {
            close();
        }
        return answer;
    }

    static Answer read(InputStream from) throws IOException {
        String status = line(from);
        if (status == null) {
            throw new EOFException("closed instead of an answer");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(from); line != null && !line.isEmpty(); line = line(from)) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        return new Answer(Integer.parseInt(status.split(" ")[1]), headers, new String(from.readNBytes(length), StandardCharsets.US_ASCII));
    }

    /** Null at the end of the stream. */
    static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        Socket open = socket;
        socket = null;
        in = null;
        if (open != null) {
            open.close();
        }
    }
}
