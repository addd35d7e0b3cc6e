package dev.outrider.proxy.probe;

import java.io.IOException;

/** One look at the service. Blocks, but not beyond the probe's timeout; the prober's thread. */
@FunctionalInterface
interface Check {

    /** Throws with what is wrong, in words for an operator. */
    void run() throws IOException;
}
