package dev.outrider.dns.server;

import dev.outrider.dns.query.DnsMetrics;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Counts open TCP connections, in all and per peer. Confined to the DNS loop. */
public final class TcpConnections {

    static final int MAX_PER_PEER = 64;
    static final int MAX = 512;

    private final DnsMetrics metrics;
    private final Map<InetAddress, Integer> perPeer = new HashMap<>();
    private int open;

    public TcpConnections(DnsMetrics metrics) {
        this.metrics = metrics;
    }

    boolean enter(InetAddress peer) {
        int ofPeer = perPeer.getOrDefault(peer, 0);
        if (open >= MAX || ofPeer >= MAX_PER_PEER) {
            metrics.count(DnsMetrics.Event.TCP_REFUSED);
            return false;
        }
        metrics.count(DnsMetrics.Event.TCP_CONNECTION);
        perPeer.put(peer, ofPeer + 1);
        open++;
        return true;
    }

    void leave(InetAddress peer) {
        open--;
        perPeer.computeIfPresent(peer, (p, count) -> count == 1 ? null : count - 1);
    }
}
