package dev.outrider.proxy.datapath.endpoint;

import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One endpoint of a cluster at run time: where it is, how busy it is, how it fared. Survives updates that leave the endpoint equal. Any loop. */
public final class Host {

    private volatile Endpoint endpoint;
    private final Origin origin;
    private final @Nullable InetSocketAddress socketAddress;
    private final AtomicInteger active = new AtomicInteger();
    private final LongAdder requests = new LongAdder();
    private final LongAdder successes = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder connectFailures = new LongAdder();
    private volatile boolean ejected;

    public Host(Endpoint endpoint, Origin origin) {
        this.endpoint = endpoint;
        this.origin = origin;
        socketAddress = endpoint.address() instanceof Address.Ip ip ? new InetSocketAddress(ip.ip(), ip.port()) : null;
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    /** New weight or health of the same endpoint. */
    public void update(Endpoint newer) {
        endpoint = newer;
    }

    public Origin origin() {
        return origin;
    }

    public Address address() {
        return endpoint.address();
    }

    /** Its address and port, null for what is no IP address. */
    public @Nullable InetSocketAddress socketAddress() {
        return socketAddress;
    }

    /** Requests (HTTP) or connections (TCP) under way, which LEAST_REQUEST compares. */
    public int active() {
        return active.get();
    }

    public void begin() {
        active.incrementAndGet();
        requests.increment();
    }

    public void end(boolean success) {
        active.decrementAndGet();
        (success ? successes : errors).increment();
    }

    public void connectFailed() {
        connectFailures.increment();
    }

    public boolean ejected() {
        return ejected;
    }

    public void eject(boolean value) {
        ejected = value;
    }

    public long requests() {
        return requests.sum();
    }

    public long successes() {
        return successes.sum();
    }

    public long errors() {
        return errors.sum();
    }

    public long connectFailures() {
        return connectFailures.sum();
    }
}
