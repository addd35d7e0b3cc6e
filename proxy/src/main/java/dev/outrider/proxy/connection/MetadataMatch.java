package dev.outrider.proxy.connection;

import dev.outrider.xds.model.match.Matchers.MetadataPath;
import dev.outrider.xds.model.match.Matchers.ValueTest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tests of metadata trees (envoy.type.matcher.v3.MetadataMatcher). Pure. */
public final class MetadataMatch {

    private MetadataMatch() {}

    /** {@code trees}: filter name to tree. */
    public static boolean matches(MetadataPath matcher, Map<String, ? extends Map<String, ?>> trees) {
        return test(matcher.value(), value(matcher, trees)) != matcher.invert();
    }

    /** The value that the path of a matcher leads to, or null. */
    public static @Nullable Object value(MetadataPath matcher, Map<String, ? extends Map<String, ?>> trees) {
        Object here = trees.get(matcher.filter());
        for (String step : matcher.path()) {
            here = here instanceof Map<?, ?> map ? map.get(step) : null;
        }
        return here;
    }

    private static boolean test(ValueTest test, @Nullable Object value) {
        return switch (test) {
            case ValueTest.Text(var matcher) -> value instanceof String text && matcher.matches(text);
            case ValueTest.Number(double start, double end) -> value instanceof Number n && n.doubleValue() >= start && n.doubleValue() <= end;
            case ValueTest.Bool(boolean wanted) -> value instanceof Boolean b && b == wanted;
            case ValueTest.Null n -> value == null;
            case ValueTest.Present(boolean present) -> (value != null) == present;
            case ValueTest.OneOf(ValueTest element) -> value instanceof List<?> list && list.stream().anyMatch(v -> test(element, v));
            case ValueTest.Or(List<ValueTest> tests) -> tests.stream().anyMatch(t -> test(t, value));
        };
    }
}
