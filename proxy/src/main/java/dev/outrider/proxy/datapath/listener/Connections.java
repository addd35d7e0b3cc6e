package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.FilterChain;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The open connections of one listener, over all its versions, each with the chain that serves it. Any loop. */
public final class Connections {

    private static final Optional<FilterChain> UNDECIDED = Optional.empty();

    private final ConcurrentHashMap<Channel, Optional<FilterChain>> open = new ConcurrentHashMap<>();

    void enter(Channel channel) {
        open.put(channel, UNDECIDED);
    }

    void serve(Channel channel, FilterChain chain) {
        open.replace(channel, Optional.of(chain));
    }

    void leave(Channel channel) {
        open.remove(channel);
    }

    public int count() {
        return open.size();
    }

    /**
     * Asks those to finish whose chain {@code next} does not have (all, where more than chains differs), and returns them. Connections whose
     * chain is the same in both versions go on, as with Envoy's in-place filter chain update.
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
        return drain(chain -> !kept.contains(chain), drainNanos);
    }

    /** Asks all to finish, and returns them. */
    List<Channel> drainAll(long drainNanos) {
        return drain(chain -> true, drainNanos);
    }

    private List<Channel> drain(Predicate<FilterChain> which, long drainNanos) {
        var event = new Drainable.Drain(drainNanos);
        List<Channel> told = new ArrayList<>();
        open.forEach((channel, chain) -> {
            if (chain.isPresent() && which.test(chain.get())) {
                told.add(channel);
                channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(event));
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
