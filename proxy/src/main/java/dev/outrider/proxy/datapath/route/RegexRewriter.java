package dev.outrider.proxy.datapath.route;

import com.google.re2j.Pattern;
import dev.outrider.xds.model.RouteAction.RegexRewrite;

/** Replaces every match of a pattern; the substitution is RE2's ({@code \1}, {@code \\}), translated once. Immutable. */
final class RegexRewriter {

    private final Pattern pattern;
    private final String replacement;

    RegexRewriter(RegexRewrite model) {
        pattern = model.pattern();
        StringBuilder text = new StringBuilder();
        String from = model.substitution();
        for (int i = 0; i < from.length(); i++) {
            char c = from.charAt(i);
            if (c == '\\' && i + 1 < from.length() && Character.isDigit(from.charAt(i + 1))) {
                text.append('$').append(from.charAt(++i));
                if (i + 1 < from.length() && Character.isDigit(from.charAt(i + 1))) {
                    // a digit behind a group number is text; RE2/J would read it as part of the number
                    text.append('\\');
                }
            } else if (c == '\\' && i + 1 < from.length()) {
                text.append('\\').append(from.charAt(++i));
            } else if (c == '$' || c == '\\') {
                text.append('\\').append(c);
            } else {
                text.append(c);
            }
        }
        replacement = text.toString();
    }

    String apply(String text) {
        return pattern.matcher(text).replaceAll(replacement);
    }
}
