package dev.outrider.proxy.explain;

import java.util.List;

/** What was found. {@code of}: the question in words; inbound has a part for a caller with mutual TLS and one for a caller without. */
public record Trace(String of, List<Part> parts) {

    /** {@code title} is "" where there is one part. */
    public record Part(String title, List<Step> steps) {

        public boolean works() {
            return steps.stream().noneMatch(step -> step.level() == Step.Level.PROBLEM);
        }
    }

    /** Whether a request would work, inbound from any kind of caller. */
    public boolean works() {
        return parts.stream().anyMatch(Part::works);
    }
}
