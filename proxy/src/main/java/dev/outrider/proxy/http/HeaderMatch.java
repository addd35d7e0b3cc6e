package dev.outrider.proxy.http;

import dev.outrider.xds.model.match.Matchers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled test of one request field or pseudo field (envoy.config.route.v3.HeaderMatcher). An absent field matches only a test of
 * absence, or the empty text where the configuration says that missing is empty. Immutable; any loop.
 */
public final class HeaderMatch {

    private static final HeaderMatch[] NONE = {};

    private final HeaderName name;
    private final Matchers.HeaderTest test;
    private final boolean invert;
    private final boolean missingIsEmpty;

    public HeaderMatch(Matchers.Header model) {
        name = HeaderName.of(model.name());
        test = model.test();
        invert = model.invert();
        missingIsEmpty = model.missingIsEmpty();
    }

    public static HeaderMatch[] compile(List<Matchers.Header> models) {
        return models.isEmpty() ? NONE : models.stream().map(HeaderMatch::new).toArray(HeaderMatch[]::new);
    }

    public static boolean all(HeaderMatch[] matches, RequestHead head) {
        for (HeaderMatch match : matches) {
            if (!match.matches(head)) {
                return false;
            }
        }
        return true;
    }

    public boolean matches(RequestHead head) {
        if (test instanceof Matchers.HeaderTest.Presence(boolean present) && !pseudo()) {
            return (head.headers().contains(name) == present) != invert;
        }
        return test(field(head, name));
    }

    /** Against response fields; {@code :status} is the status. */
    public boolean matches(ResponseHead head) {
        return test(name.toString().equals(":status") ? Integer.toString(head.status()) : head.headers().joined(name));
    }

    private boolean pseudo() {
        return name.toString().charAt(0) == ':' || name.equals(HeaderName.HOST);
    }

    private boolean test(@Nullable String value) {
        if (test instanceof Matchers.HeaderTest.Presence(boolean present)) {
            return ((value != null) == present) != invert;
        }
        if (value == null && !missingIsEmpty) {
            return false;
        }
        String text = value == null ? "" : value;
        boolean hit = switch (test) {
            case Matchers.HeaderTest.Value(var matcher) -> matcher.matches(text);
            case Matchers.HeaderTest.Range(long start, long end) -> within(text, start, end);
            case Matchers.HeaderTest.Presence p -> true;
        };
        return hit != invert;
    }

    private static boolean within(String text, long start, long end) {
        try {
            long value = Long.parseLong(text);
            return value >= start && value < end;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** All values of a field joined with commas, or a pseudo field; null = absent. */
    public static @Nullable String field(RequestHead head, HeaderName name) {
        String text = name.toString();
        if (!text.isEmpty() && text.charAt(0) == ':') {
            return switch (text) {
                case ":method" -> head.method();
                case ":path" -> head.path();
                case ":authority" -> head.authority();
                case ":scheme" -> head.scheme();
                default -> null;
            };
        }
        return name.equals(HeaderName.HOST) ? head.authority() : head.headers().joined(name);
    }
}
