package dev.outrider.dns.forward;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Resolvers that answer for the same names, in the host's order of preference. Confined to the DNS loop. */
public final class ResolverGroup {

    private final String name;
    private List<Resolver> resolvers = List.of();

    public ResolverGroup(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    /** Takes over a new list; a resolver that stays keeps what is known about it. Returns whether anything changed. */
    public boolean update(List<InetSocketAddress> addresses) {
        List<Resolver> next = new ArrayList<>();
        for (InetSocketAddress address : addresses) {
            next.add(resolvers.stream().filter(r -> r.address().equals(address)).findFirst().orElseGet(() -> new Resolver(address)));
        }
        boolean changed = !next.equals(resolvers);
        resolvers = List.copyOf(next);
        return changed;
    }

    public List<Resolver> all() {
        return resolvers;
    }

    /** Healthy ones in order, then those that are down; never one that leads back here. */
    List<Resolver> inOrder(long now) {
        List<Resolver> order = new ArrayList<>(resolvers.size());
        for (Resolver resolver : resolvers) {
            if (!resolver.looping() && !resolver.down(now)) {
                order.add(resolver);
            }
        }
        for (Resolver resolver : resolvers) {
            if (!resolver.looping() && resolver.down(now)) {
                order.add(resolver);
            }
        }
        return order;
    }

    public List<Resolver.State> states(long now) {
        return resolvers.stream().map(r -> r.state(now)).toList();
    }
}
