package dev.outrider.bench.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports that are free at this moment, below the range from which the kernel takes ports for connections. */
public final class Ports {

    private static final int FIRST = 20_000;
    private static final int COUNT = 12_000;

    private int next = FIRST + (int) (ProcessHandle.current().pid() * 97 % COUNT);

    public synchronized int free() {
        for (int i = 0; i < COUNT; i++) {
            int port = next;
            next = next + 1 == FIRST + COUNT ? FIRST : next + 1;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + FIRST + " to " + (FIRST + COUNT));
    }

    /** The first of so many in a row. */
    public synchronized int range(int count) {
        int first = free();
        for (int last = first; last - first < count - 1;) {
            int port = free();
            first = port == last + 1 ? first : port;
            last = port;
        }
        return first;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort() == port;
        } catch (IOException e) {
            return false;
        }
    }
}
