package dev.outrider.proxy.datapath.route;

import com.google.re2j.Pattern;

/** Envoy's URI templates ({@code /a/*}, {@code /**}, {@code {name}}, {@code {name=**}}) as regular expressions. */
public final class UriTemplates {

    private static final String SEGMENT = "[a-zA-Z0-9-._~%!$&'()+,;:@=]+";
    private static final String REST = "[a-zA-Z0-9-._~%!$&'()+,;:@=/]*";

    private UriTemplates() {}

    public static Pattern compile(String template) {
        StringBuilder regex = new StringBuilder();
        int at = 0;
        while (at < template.length()) {
            char c = template.charAt(at);
            if (c == '{') {
                int close = template.indexOf('}', at);
                if (close < 0) {
                    throw new IllegalArgumentException("URI template '" + template + "': a { is not closed");
                }
                String inner = template.substring(at + 1, close);
                int is = inner.indexOf('=');
                String pattern = is < 0 ? inner.equals("**") ? "**" : "*" : inner.substring(is + 1);
                regex.append('(').append(glob(pattern)).append(')');
                at = close + 1;
            } else {
                int brace = template.indexOf('{', at);
                int to = brace < 0 ? template.length() : brace;
                regex.append(glob(template.substring(at, to)));
                at = to;
            }
        }
        return Pattern.compile(regex.toString());
    }

    private static String glob(String text) {
        StringBuilder regex = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            if (text.startsWith("**", at)) {
                regex.append(REST);
                at += 2;
            } else if (text.charAt(at) == '*') {
                regex.append(SEGMENT);
                at++;
            } else {
                int star = text.indexOf('*', at);
                int to = star < 0 ? text.length() : star;
                regex.append(Pattern.quote(text.substring(at, to)));
                at = to;
            }
        }
        return regex.toString();
    }
}
