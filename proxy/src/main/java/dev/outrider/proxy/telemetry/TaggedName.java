package dev.outrider.proxy.telemetry;

import java.util.ArrayList;
import java.util.List;

/**
 * A statistic's name taken apart: what remains of it, and the tags that were cut out. Immutable.
 *
 * <p>A name may also carry its tags itself, as Istio's metrics do: {@code istio_requests_total;reporter=source;response_code=200}.
 */
public record TaggedName(String name, List<Tag> tags) {

    public record Tag(String name, String value) {}

    /** Whether {@code full} has the self-describing form. */
    static boolean isSelfDescribing(String full) {
        return (full.startsWith("istio") || full.startsWith("outrider_")) && full.indexOf(';') > 0;
    }

    static TaggedName ofSelfDescribing(String full) {
        String[] parts = full.split(";", -1);
        List<Tag> tags = new ArrayList<>(parts.length - 1);
        for (int i = 1; i < parts.length; i++) {
            int eq = parts[i].indexOf('=');
            if (eq > 0) {
                tags.add(new Tag(parts[i].substring(0, eq), parts[i].substring(eq + 1)));
            }
        }
        return new TaggedName(parts[0], List.copyOf(tags));
    }
}
