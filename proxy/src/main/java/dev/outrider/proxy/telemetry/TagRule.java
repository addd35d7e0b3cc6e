package dev.outrider.proxy.telemetry;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * One tag rule (envoy.config.metrics.v3.TagSpecifier): the first group of the expression is cut out of the name, the second (or else the
 * first) is the tag's value. Envoy reads these with std::regex, whose look-ahead RE2 lacks; they come from the bootstrap only, never from
 * the network.
 */
public final class TagRule {

    private final String tag;
    private final @Nullable Pattern pattern;
    private final String fixedValue;

    private TagRule(String tag, @Nullable Pattern pattern, String fixedValue) {
        this.tag = tag;
        this.pattern = pattern;
        this.fixedValue = fixedValue;
    }

    /** Throws IllegalArgumentException naming the tag when the expression is not one. */
    public static TagRule regex(String tag, String expression) {
        try {
            return new TagRule(tag, Pattern.compile(posix(expression)), "");
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("stats tag '" + tag + "': not a regular expression: " + e.getDescription(), e);
        }
    }

    /** A tag with the same value on every statistic. */
    public static TagRule fixed(String tag, String value) {
        return new TagRule(tag, null, value);
    }

    String tag() {
        return tag;
    }

    /** Applies to what is left of {@code name}: the remaining name; the tag goes to {@code tags}. */
    String apply(String name, List<TaggedName.Tag> tags) {
        if (pattern == null) {
            tags.add(new TaggedName.Tag(tag, fixedValue));
            return name;
        }
        Matcher matcher = pattern.matcher(name);
        if (!matcher.find() || matcher.groupCount() < 1 || matcher.group(1) == null) {
            return name;
        }
        String value = matcher.groupCount() >= 2 ? matcher.group(2) : matcher.group(1);
        tags.add(new TaggedName.Tag(tag, value == null ? "" : value));
        return name.substring(0, matcher.start(1)) + name.substring(matcher.end(1));
    }

    /** Character classes that ECMAScript expressions in C++ may use and Java writes differently. */
    private static String posix(String expression) {
        return expression
                .replace("[:digit:]", "\\d")
                .replace("[:alpha:]", "\\p{Alpha}")
                .replace("[:alnum:]", "\\p{Alnum}")
                .replace("[:word:]", "\\w")
                .replace("[:space:]", "\\s");
    }
}
