package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.datapath.filterchain.Addresses;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Listeners by address, for connections that were captured by another one (use_original_dst): the exact address, else the wildcard of the
 * same family at the same port. Read on any loop, written on the control loop.
 */
final class HandOff {

    private static final InetAddress ANY4 = Cidr.ipLiteral("0.0.0.0");
    private static final InetAddress ANY6 = Cidr.ipLiteral("::");

    private final ConcurrentHashMap<Address.Ip, LiveListener> byAddress = new ConcurrentHashMap<>();

    void put(LiveListener listener) {
        add(listener.model().address(), listener);
        listener.model().additionalAddresses().forEach(a -> add(a, listener));
    }

    private void add(Address address, LiveListener listener) {
        if (address instanceof Address.Ip ip) {
            byAddress.put(ip, listener);
        }
    }

    /** Only what still leads to {@code listener}: a successor at the same address stays. */
    void remove(LiveListener listener) {
        byAddress.values().removeIf(l -> l == listener);
    }

    /** Who serves a connection to {@code destination} that {@code accepted} has accepted: itself, where it hands nothing over or nobody else is there. */
    LiveListener successor(LiveListener accepted, InetSocketAddress destination) {
        LiveListener other = accepted.model().useOriginalDst() ? find(destination) : null;
        return other == null ? accepted : other;
    }

    private @Nullable LiveListener find(InetSocketAddress destination) {
        InetAddress ip = Addresses.unmapped(destination.getAddress());
        int port = destination.getPort();
        LiveListener exact = byAddress.get(new Address.Ip(ip, port));
        return exact == null ? byAddress.get(new Address.Ip(ip instanceof Inet4Address ? ANY4 : ANY6, port)) : exact;
    }
}
