package dev.outrider.proxy.telemetry;

import dev.outrider.xds.model.match.StringMatcher;
import java.util.List;

/**
 * envoy.config.metrics.v3.StatsMatcher: which statistics are shown. Envoy does not make the others at all; here they are counted, as that
 * costs less than asking, and left out.
 */
public sealed interface StatsMatcher {

    boolean shows(String name);

    StatsMatcher ALL = new Exclude(List.of());

    record Nothing() implements StatsMatcher {
        @Override
        public boolean shows(String name) {
            return false;
        }
    }

    record Include(List<StringMatcher> patterns) implements StatsMatcher {
        @Override
        public boolean shows(String name) {
            return patterns.stream().anyMatch(p -> p.matches(name));
        }
    }

    record Exclude(List<StringMatcher> patterns) implements StatsMatcher {
        @Override
        public boolean shows(String name) {
            return patterns.stream().noneMatch(p -> p.matches(name));
        }
    }
}
