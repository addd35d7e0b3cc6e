package dev.outrider.bench.round;

/** One side of a comparison: the processes that do the work, and how to put a slot's load on them. One thread. */
public interface Contender extends AutoCloseable {

    /** The contender without any proxy, above which latencies are also reported. */
    String DIRECT = "direct";

    String name();

    /** Why it cannot take part on this machine, which the report then says; "" if it can. */
    default String missing() {
        return "";
    }

    /** Starts its processes and returns when they serve. */
    void start();

    /** Runs it until it is as fast as it gets; its figures are not taken. */
    void warm();

    /** One slot. */
    Sample measure();

    @Override
    void close();
}
