package dev.outrider.xds.model.match;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Matchers over parts of a request other than its path. Header names are lower case; pseudo headers keep their colon. */
public final class Matchers {

    private Matchers() {}

    /** envoy.config.route.v3.HeaderMatcher. */
    public record Header(String name, HeaderTest test, boolean invert, boolean missingIsEmpty) {}

    /** What is asked of a header's value (several fields of one name are joined with a comma first). */
    public sealed interface HeaderTest {

        record Value(StringMatcher matcher) implements HeaderTest {}

        /** The value is a decimal integer in [start, end). */
        record Range(long start, long end) implements HeaderTest {}

        /** {@code present=false} asks for absence. */
        record Presence(boolean present) implements HeaderTest {}
    }

    /** envoy.config.route.v3.QueryParameterMatcher; no matcher means that the parameter is present. */
    public record QueryParameter(String name, @Nullable StringMatcher matcher) {}

    /** envoy.type.matcher.v3.MetadataMatcher, value tests as istiod and Envoy's tests use them. */
    public record MetadataPath(String filter, List<String> path, ValueTest value, boolean invert) {}

    /** envoy.type.matcher.v3.ValueMatcher. */
    public sealed interface ValueTest {

        record Text(StringMatcher matcher) implements ValueTest {}

        record Number(double start, double end) implements ValueTest {}

        record Bool(boolean value) implements ValueTest {}

        record Null() implements ValueTest {}

        record Present(boolean present) implements ValueTest {}

        record OneOf(ValueTest element) implements ValueTest {}

        record Or(List<ValueTest> tests) implements ValueTest {}
    }

    /** A share of events, parts per million of what the configuration says. */
    public record Fraction(long numerator, long denominator) {
        public static final Fraction ALL = new Fraction(100, 100);

        public boolean isZero() {
            return numerator == 0;
        }
    }
}
