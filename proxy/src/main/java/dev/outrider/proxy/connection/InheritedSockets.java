package dev.outrider.proxy.connection;

import io.netty.channel.unix.Socket;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Bound sockets that this process was given, by address: from systemd (sd_listen_fds(3)) or from the process that it replaces. Each is
 * handed out once, to whoever would bind that address. Any thread.
 */
public final class InheritedSockets {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.app");

    /** SD_LISTEN_FDS_START. */
    private static final int FIRST_DESCRIPTOR = 3;

    private static final int MOST = 256;

    /** SOL_SOCKET, SO_TYPE and its values in linux/asm-generic/socket.h and linux/net.h. */
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SOCK_STREAM = 1;

    private record Key(boolean stream, InetSocketAddress address) {}

    private final Map<Key, Integer> descriptors = new ConcurrentHashMap<>();

    /** What systemd passes to process {@code pid}; nothing where it passes nothing. */
    public static InheritedSockets ofSystemd(Map<String, String> environment, long pid) {
        var all = new InheritedSockets();
        if (String.valueOf(pid).equals(environment.get("LISTEN_PID"))) {
            int count = count(environment.getOrDefault("LISTEN_FDS", "0"));
            for (int fd = FIRST_DESCRIPTOR; fd < FIRST_DESCRIPTOR + count; fd++) {
                all.add(fd);
            }
        }
        return all;
    }

    private static int count(String text) {
        return text.matches("[0-9]{1,3}") ? Math.min(MOST, Integer.parseInt(text)) : 0;
    }

    /** Takes a descriptor over; one that is no bound IP socket is left alone. */
    public void add(int descriptor) {
        var socket = new Socket(descriptor);
        InetSocketAddress address = socket.localAddress();
        try {
            if (address != null && address.getPort() != 0) {
                descriptors.put(new Key(socket.getIntOpt(SOL_SOCKET, SO_TYPE) == SOCK_STREAM, address), descriptor);
            }
        } catch (IOException e) {
            LOG.warning("descriptor " + descriptor + " was passed to this process and is not used: " + e.getMessage());
        }
    }

    /**
     * Closes what nobody has asked for: what no listener accepts from would leave its callers waiting. Not for sockets of systemd, which
     * keeps them bound for a listener that comes later.
     */
    public void closeUnclaimed() {
        for (Key key : List.copyOf(descriptors.keySet())) {
            Integer descriptor = descriptors.remove(key);
            if (descriptor == null) {
                continue;
            }
            LOG.info("no listener is left for " + NetUtil.toSocketAddressString(key.address) + ": closed");
            try {
                new Socket(descriptor).close();
            } catch (IOException e) {
                LOG.warning("descriptor " + descriptor + ": " + e.getMessage());
            }
        }
    }

    public boolean isEmpty() {
        return descriptors.isEmpty();
    }

    /**
     * A descriptor that listens at {@code address}; null = bind it yourself. All addresses are all addresses: a socket on 0.0.0.0 keeps [::] of the
     * same port from being bound beside it, and one on [::] that takes both families is as good as 0.0.0.0.
     */
    public @Nullable Integer stream(InetSocketAddress address) {
        Integer exact = descriptors.remove(new Key(true, address));
        InetSocketAddress twin = Wildcards.twin(address);
        if (exact != null || twin == null) {
            return exact;
        }
        Key key = new Key(true, twin);
        Integer other = descriptors.get(key);
        return other != null && Wildcards.six(twin) && !Wildcards.both(other) ? null : descriptors.remove(key);
    }

    /** A descriptor that receives at {@code address}; null = bind it yourself. */
    public @Nullable Integer datagram(InetSocketAddress address) {
        return descriptors.remove(new Key(false, address));
    }
}
