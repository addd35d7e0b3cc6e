package dev.outrider.proxy.service;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Tells the supervisor how the process is (sd_notify(3)); silent where none listens. Any thread; never blocks. */
public final class ServiceNotifier implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.app");

    private final byte[] path;
    private final @Nullable Socket socket;

    private ServiceNotifier(byte[] path, @Nullable Socket socket) {
        this.path = path;
        this.socket = socket;
    }

    /** By {@code NOTIFY_SOCKET}; needs Netty's native transport, as everything that runs as a service does. */
    public static ServiceNotifier of(Map<String, String> environment) {
        byte[] path = environment.getOrDefault("NOTIFY_SOCKET", "").getBytes(StandardCharsets.UTF_8);
        if (path.length < 2) {
            return new ServiceNotifier(path, null);
        }
        if (path[0] == '@') {
            // The abstract namespace, as sd_notify writes it.
            path[0] = 0;
        }
        return new ServiceNotifier(path, Socket.newSocketDomainDgram());
    }

    public void ready(String status) {
        send("READY=1\nSTATUS=" + status);
    }

    public void status(String status) {
        send("STATUS=" + status);
    }

    public void stopping() {
        send("STOPPING=1");
    }

    public void alive() {
        send("WATCHDOG=1");
    }

    /** This process is the service from now on. */
    public void mainProcess(long pid, String status) {
        send("MAINPID=" + pid + "\nREADY=1\nSTATUS=" + status);
    }

    private synchronized void send(String text) {
        Socket to = socket;
        if (to == null || !to.isOpen()) {
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        try {
            to.sendToDomainSocket(buffer, 0, bytes.length, path);
        } catch (IOException e) {
            LOG.warning("the supervisor was not told " + text.lines().findFirst().orElse("") + ": " + e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        Socket to = socket;
        if (to != null) {
            try {
                to.close();
            } catch (IOException e) {
                LOG.fine("notify socket: " + e.getMessage());
            }
        }
    }
}
