package dev.outrider.xds.resource.part;

/** The form of Envoy's command operators: {@code %NAME%}, {@code %NAME(arguments):length%}, {@code %%}. Which exist is not asked. Pure. */
final class FormatSyntax {

    private FormatSyntax() {}

    /** Returns {@code format}, rejected where a percent sign begins no operator. */
    static String check(String format, Scope at) {
        int position = format.indexOf('%');
        while (position >= 0) {
            int end = operatorEnd(format, position + 1);
            if (end < 0) {
                at.reject("'" + format + "' has no command operator at position " + position);
                return format;
            }
            position = format.indexOf('%', end);
        }
        return format;
    }

    /** Behind the percent sign that closes what begins at {@code start}, or -1. */
    private static int operatorEnd(String format, int start) {
        int at = start;
        while (at < format.length() && isName(format.charAt(at))) {
            at++;
        }
        if (at == start || at == format.length() || format.charAt(at) != '(') {
            // Without a name only the escaped sign is left: no length belongs to it.
            return at == start ? closed(format, at, false) : closed(format, at, true);
        }
        // Arguments may hold parentheses of their own: the first one counts that something sound follows.
        for (int close = format.indexOf(')', at); close >= 0; close = format.indexOf(')', close + 1)) {
            int end = closed(format, close + 1, true);
            if (end >= 0) {
                return end;
            }
        }
        return -1;
    }

    private static int closed(String format, int from, boolean length) {
        int at = from;
        if (length && at < format.length() && format.charAt(at) == ':') {
            int digits = ++at;
            while (at < format.length() && format.charAt(at) >= '0' && format.charAt(at) <= '9') {
                at++;
            }
            if (at == digits) {
                return -1;
            }
        }
        return at < format.length() && format.charAt(at) == '%' ? at + 1 : -1;
    }

    private static boolean isName(char c) {
        return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
    }
}
