package dev.outrider.xds.resource.part;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;

/** The form of Envoy's command operators: {@code %NAME%}, {@code %NAME(arguments):length%}, {@code %%}. Which exist is not asked. Pure. */
final class FormatSyntax {

    private static final Pattern OPERATOR = Pattern.compile("(?s)%(?:%|[A-Z0-9_]+(?:\\(.*?\\))?(?::[0-9]+)?%)");

    private FormatSyntax() {}

    /** Returns {@code format}, rejected where a percent sign begins no operator. */
    static String check(String format, Scope at) {
        int position = format.indexOf('%');
        Matcher matcher = OPERATOR.matcher(format);
        while (position >= 0) {
            if (!matcher.find(position) || matcher.start() != position) {
                at.reject("'" + format + "' has no command operator at position " + position);
                return format;
            }
            position = format.indexOf('%', matcher.end());
        }
        return format;
    }
}
