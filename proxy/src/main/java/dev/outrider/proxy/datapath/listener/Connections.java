package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Cause;
import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Drain;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.FilterChain;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The open connections of one listener, over all its versions, each with the chain that serves it. Any loop. */
public final class Connections {

    private final ConcurrentHashMap<Channel, Stand> open = new ConcurrentHashMap<>();

    /** How far a connection is. {@code chain} is read by any thread; the rest is its loop's. */
    private static final class Stand {
        private volatile @Nullable FilterChain chain;
        private boolean installed;
        private @Nullable Drain missed;

        void tell(Channel channel, Drain event) {
            if (installed) {
                channel.pipeline().fireUserEventTriggered(event);
            } else {
                missed = event;
            }
        }
    }

    void enter(Channel channel) {
        open.put(channel, new Stand());
    }

    void serve(Channel channel, FilterChain chain) {
        Stand stand = open.get(channel);
        if (stand != null) {
            stand.chain = chain;
        }
    }

    /** The chain's program is in the pipeline: what it was to be told during inspection and handshake, it is told now. On the loop. */
    void installed(Channel channel) {
        Stand stand = open.get(channel);
        if (stand != null) {
            stand.installed = true;
            Drain missed = stand.missed;
            if (missed != null) {
                stand.missed = null;
                channel.pipeline().fireUserEventTriggered(missed);
            }
        }
    }

    void leave(Channel channel) {
        open.remove(channel);
    }

    public int count() {
        return open.size();
    }

    /**
     * Asks those to finish whose chain {@code next} does not have (all, where more than chains differs), and returns them. Connections whose
     * chain is the same in both versions go on, as with Envoy's in-place filter chain update; those without a chain yet will choose one of the
     * old version.
     */
    List<Channel> drainChanged(Listener before, Listener next, long drainNanos) {
        Set<FilterChain> kept = new HashSet<>();
        if (sameButChains(before, next)) {
            kept.addAll(next.filterChains());
            FilterChain other = next.defaultFilterChain();
            if (other != null) {
                kept.add(other);
            }
        }
        return drain(chain -> !kept.contains(chain), new Drain(drainNanos, Cause.REPLACED));
    }

    /** Asks all to finish, and returns them. */
    List<Channel> drainAll(Drain event) {
        return drain(chain -> true, event);
    }

    private List<Channel> drain(Predicate<FilterChain> which, Drain event) {
        List<Channel> told = new ArrayList<>();
        open.forEach((channel, stand) -> {
            FilterChain chain = stand.chain;
            if (chain == null || which.test(chain)) {
                told.add(channel);
                channel.eventLoop().execute(() -> stand.tell(channel, event));
            }
        });
        return told;
    }

    void close() {
        open.keySet().forEach(Channel::close);
    }

    private static boolean sameButChains(Listener a, Listener b) {
        return withoutChains(a).equals(withoutChains(b));
    }

    private static Listener withoutChains(Listener l) {
        return new Listener(
                l.name(), l.address(), l.additionalAddresses(), l.listenerFilters(), l.filtersTimeoutNanos(), l.continueOnFiltersTimeout(),
                List.of(), null, l.bindToPort(), l.useOriginalDst(), l.transparent(), l.freebind(), l.direction(), l.accessLogs(),
                l.bufferLimitBytes(), l.statPrefix(), l.reusePort(), l.metadata());
    }
}
