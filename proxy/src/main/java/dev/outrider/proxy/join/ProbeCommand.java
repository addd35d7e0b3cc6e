package dev.outrider.proxy.join;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code outrider probe HOST:PORT}: one HTTP request as the calling user; exit status 0 if the mesh answered it. */
@Command(description = "Sends one HTTP request and says whether the mesh answered.")
public final class ProbeCommand implements Callable<Integer> {

    private static final int PATIENCE_MILLIS = 5_000;
    private static final int LONGEST_HEAD = 8_192;

    @Parameters(index = "0", paramLabel = "HOST:PORT")
    private String target = "";

    @Override
    public Integer call() {
        int colon = target.lastIndexOf(':');
        try {
            String head = head(target.substring(0, Math.max(0, colon)), Integer.parseInt(target.substring(colon + 1)));
            String status = head.lines().findFirst().orElse("no answer");
            // A proxy that answers for an upstream which it did not reach says 503.
            boolean good = head.toLowerCase(Locale.ROOT).contains("\nserver: envoy") && !status.contains(" 503");
            System.out.println(status + (good ? "" : " (not from a service of the mesh)"));
            return good ? 0 : 1;
        } catch (IOException | NumberFormatException e) {
            System.out.println(target + ": " + e.getMessage());
            return 1;
        }
    }

    private static String head(String host, int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(("HEAD / HTTP/1.1\r\nHost: " + host + ":" + port + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(LONGEST_HEAD), StandardCharsets.ISO_8859_1);
        }
    }
}
