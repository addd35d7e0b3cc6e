package dev.outrider.proxy.datapath.endpoint;

import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** One endpoint of a cluster at run time: where it is, how busy it is, how it fared. Survives updates that leave the endpoint equal. Any loop. */
public final class Host {

    private volatile Endpoint endpoint;
    private final Origin origin;
    private final AtomicInteger active = new AtomicInteger();
    private final LongAdder requests = new LongAdder();
    private final LongAdder successes = new LongAdder();
    private final LongAdder errors = new LongAdder();
    private final LongAdder connectFailures = new LongAdder();
    private volatile boolean ejected;

    public Host(Endpoint endpoint, Origin origin) {
        this.endpoint = endpoint;
        this.origin = origin;
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
