package dev.outrider.bench.peer;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Lab;

/** A proxy that can be compared. Any thread. */
public interface Peer {

    String name();

    /** What it says of its own version; "" where it is not installed. */
    String version();

    /** How to install it, for a report that has to do without. */
    String remedy();

    /** Why it cannot do what the plan says; "" if it can. */
    default String unable(ProxyPlan plan) {
        return "";
    }

    /** Starts one process of it; it may not listen yet. */
    Child start(Lab lab, Processor processor, ProxyPlan plan, Credentials files);
}
