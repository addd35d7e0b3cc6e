package dev.outrider.bench.load;

/** What can make a call when one is due. On the load's loop. */
interface Caller {

    /** Makes one call, which ends with {@link Driver#done}. */
    void call(long dueNanos);

    /** False once the connection has gone. */
    boolean open();

    void close();
}
