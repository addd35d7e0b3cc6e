package dev.outrider.dns.server;

import dev.outrider.dns.query.Cidr;
import java.net.InetAddress;
import java.util.List;

/** Who may ask. A socket on loopback serves whoever reaches it (redirected questions keep their source); others only loopback and the list. */
public final class AccessList {

    private final List<Cidr> ranges;

    public AccessList(List<Cidr> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    boolean allows(InetAddress bound, InetAddress peer) {
        if (bound.isLoopbackAddress() || peer.isLoopbackAddress()) {
            return true;
        }
        byte[] address = peer.getAddress();
        for (Cidr range : ranges) {
            if (range.contains(address, 0, address.length)) {
                return true;
            }
        }
        return false;
    }
}
