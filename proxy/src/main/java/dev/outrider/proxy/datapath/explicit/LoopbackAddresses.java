package dev.outrider.proxy.datapath.explicit;

import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gives each host an address of a loopback range: found by the host's name, so that it is the same in the next process too, except where
 * two names meet at one address. A host keeps its own as long as it is there. One thread.
 */
final class LoopbackAddresses {

    /** A host looks at so many addresses: far more than it takes in a range that is half full. */
    private static final int PROBES = 256;

    private static final Cidr LOOPBACK = Cidr.parse("127.0.0.0/8");
    private static final Cidr USED = Cidr.parse("127.0.0.0/24");

    private final int base;
    private final int size;
    private final Map<String, Integer> given = new HashMap<>();
    private final Map<Integer, String> owners = new HashMap<>();

    /** Throws IllegalArgumentException where {@link #fits} says no. */
    LoopbackAddresses(Cidr range) {
        if (!fits(range)) {
            throw new IllegalArgumentException(range + " must be a range below 127.0.0.0/8, apart from 127.0.0.0/24, such as 127.64.0.0/16");
        }
        size = 1 << (32 - range.length());
        base = number(range.base().getAddress()) & -size;
    }

    /** Apart from 127.0.0.0/24, where localhost and the resolver's stubs are. */
    static boolean fits(Cidr range) {
        return LOOPBACK.contains(range.base()) && range.length() >= 9 && range.length() <= 30
                && !range.contains(USED.base()) && !USED.contains(range.base());
    }

    /** Of these hosts and no others; those for which there is no room are missing. */
    Map<String, InetAddress> allot(Collection<String> hosts) {
        // In order of names: who comes first to an address must not depend on how a set is iterated.
        NavigableSet<String> wanted = new TreeSet<>(hosts);
        given.entrySet().removeIf(entry -> !wanted.contains(entry.getKey()) && owners.remove(entry.getValue()) != null);
        Map<String, InetAddress> all = new HashMap<>();
        for (String host : wanted) {
            Integer address = given.get(host);
            if (address == null) {
                address = find(host);
            }
            if (address != null) {
                all.put(host, address(address));
            }
        }
        return all;
    }

    private @Nullable Integer find(String host) {
        int hash = spread(host.hashCode());
        for (int i = 0; i < Math.min(PROBES, size); i++) {
            int offset = (hash + i) & (size - 1);
            // The range's first and last address look like a network and its broadcast: programs may refuse them.
            if (offset != 0 && offset != size - 1 && owners.putIfAbsent(base + offset, host) == null) {
                given.put(host, base + offset);
                return base + offset;
            }
        }
        return null;
    }

    /** Names that end alike have hashes close to each other (finaliser of MurmurHash3). */
    private static int spread(int hash) {
        int mixed = (hash ^ hash >>> 16) * 0x85ebca6b;
        mixed = (mixed ^ mixed >>> 13) * 0xc2b2ae35;
        return mixed ^ mixed >>> 16;
    }

    private static int number(byte[] b) {
        return b[0] << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | b[3] & 0xff;
    }

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }
}
