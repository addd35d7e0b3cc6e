package dev.outrider.proxy.datapath.protocol.head;

import dev.outrider.xds.model.HttpConnectionManager.PathNormalization;
import dev.outrider.xds.model.HttpConnectionManager.PathNormalization.EscapedSlashes;
import org.jspecify.annotations.Nullable;

/**
 * Path normalisation in Envoy's order: fragments are refused, escaped slashes handled, dot segments resolved and escapes made canonical (the
 * URL library's path rules), slashes merged. The query is never touched. Pure.
 */
public final class PathNormalizer {

    /** What came of a path. */
    public record Result(String path, boolean redirect) {}

    private static final String ESCAPED = "\"<>^`{|}";

    private PathNormalizer() {}

    /** Null: the request is refused. */
    public static @Nullable Result normalize(String path, PathNormalization rules) {
        if (path.indexOf('#') >= 0) {
            return null;
        }
        boolean redirect = false;
        String now = path;
        if (rules.escapedSlashes() != EscapedSlashes.KEEP) {
            String unescaped = unescapeSlashes(now);
            if (unescaped.length() != now.length()) {
                if (rules.escapedSlashes() == EscapedSlashes.REJECT) {
                    return null;
                }
                redirect = rules.escapedSlashes() == EscapedSlashes.UNESCAPE_AND_REDIRECT;
                now = unescaped;
            }
        }
        if (rules.normalize()) {
            now = canonical(now);
            if (now == null) {
                return null;
            }
        }
        if (rules.mergeSlashes()) {
            now = mergeSlashes(now);
        }
        return new Result(now, redirect);
    }

    private static int pathEnd(String path) {
        int mark = path.indexOf('?');
        return mark < 0 ? path.length() : mark;
    }

    private static String unescapeSlashes(String path) {
        int end = pathEnd(path);
        int percent = path.indexOf('%');
        if (percent < 0 || percent >= end) {
            return path;
        }
        StringBuilder out = new StringBuilder(path.length());
        int at = 0;
        while (at < end) {
            char c = path.charAt(at);
            int value = c == '%' ? escaped(path, at, end) : -1;
            if (value == '/' || value == '\\') {
                out.append((char) value);
                at += 3;
            } else {
                out.append(c);
                at++;
            }
        }
        return out.append(path, end, path.length()).toString();
    }

    /** The value of {@code %XX} at {@code at}, or -1. */
    private static int escaped(String path, int at, int end) {
        if (at + 2 >= end) {
            return -1;
        }
        int high = hex(path.charAt(at + 1));
        int low = hex(path.charAt(at + 2));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int hex(char c) {
        return c < 0x80 ? Character.digit(c, 16) : -1;
    }

    private static String mergeSlashes(String path) {
        int end = pathEnd(path);
        int twice = path.indexOf("//");
        if (twice < 0 || twice + 1 >= end) {
            return path;
        }
        StringBuilder out = new StringBuilder(path.length());
        boolean content = false;
        for (int i = 0; i < end; i++) {
            char c = path.charAt(i);
            if (c != '/' || out.isEmpty() || out.charAt(out.length() - 1) != '/') {
                out.append(c);
            }
            content |= c != '/';
        }
        // a path of slashes only keeps two of them, as in Envoy
        return (content ? out : new StringBuilder("//")).append(path, end, path.length()).toString();
    }

    private static @Nullable String canonical(String path) {
        int end = pathEnd(path);
        if (plain(path, end)) {
            return path;
        }
        StringBuilder out = new StringBuilder(path.length() + 8);
        int at = 0;
        if (end == 0 || !slash(path.charAt(0))) {
            out.append('/');
        }
        while (at < end) {
            char c = path.charAt(at);
            if (c >= 0x80) {
                return null;
            }
            int dot = afterSlash(out) ? dotLength(path, at, end) : 0;
            int dots = dot == 0 ? 0 : segmentDots(path, at, end, dot);
            if (dots > 0) {
                at = behind(path, at, end, dots);
                if (dots == 2) {
                    up(out);
                }
            } else if (c == '%') {
                int value = escaped(path, at, end);
                if (value == 0) {
                    return null;
                }
                if (value > 0 && unreserved((char) value)) {
                    out.append((char) value);
                } else {
                    out.append(path, at, value < 0 ? at + 1 : at + 3);
                }
                at += value < 0 ? 1 : 3;
            } else {
                if (slash(c)) {
                    out.append('/');
                } else if (ESCAPED.indexOf(c) >= 0 || c <= 0x20 || c == 0x7f) {
                    out.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16))).append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
                } else {
                    out.append(c);
                }
                at++;
            }
        }
        return out.append(path, end, path.length()).toString();
    }

    /** Most paths have nothing to change: letters, digits, slashes and no dot right behind a slash. */
    private static boolean plain(String path, int end) {
        char before = 0;
        for (int i = 0; i < end; i++) {
            char c = path.charAt(i);
            boolean safe = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '/' || c == '-' || c == '_'
                    || c == '.' && before != '/' || c == '~';
            if (!safe) {
                return false;
            }
            before = c;
        }
        return end > 0 && path.charAt(0) == '/';
    }

    private static boolean slash(char c) {
        return c == '/' || c == '\\';
    }

    private static boolean afterSlash(StringBuilder out) {
        return !out.isEmpty() && out.charAt(out.length() - 1) == '/';
    }

    private static boolean unreserved(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.' || c == '_' || c == '~';
    }

    /** Chars of a dot at {@code at}: 1 for {@code .}, 3 for {@code %2e}, 0 for anything else. */
    private static int dotLength(String path, int at, int end) {
        if (at >= end) {
            return 0;
        }
        return path.charAt(at) == '.' ? 1 : path.charAt(at) == '%' && escaped(path, at, end) == '.' ? 3 : 0;
    }

    /** How many dots the segment at {@code at} consists of: 1 or 2, or 0 for an ordinary segment. */
    private static int segmentDots(String path, int at, int end, int first) {
        int next = at + first;
        if (next >= end || slash(path.charAt(next)) || parameters(path, at, next)) {
            return 1;
        }
        int second = dotLength(path, next, end);
        if (second == 0) {
            return 0;
        }
        next += second;
        return next >= end || slash(path.charAt(next)) || parameters(path, at, next) ? 2 : 0;
    }

    /** Path parameters are dropped from segments of literal dots only ({@code /..;x/}). */
    private static boolean parameters(String path, int from, int at) {
        return path.charAt(at) == ';' && path.charAt(from) == '.' && path.charAt(at - 1) == '.';
    }

    /** Index behind a dot segment and the slash that ends it. */
    private static int behind(String path, int from, int end, int dots) {
        int at = from;
        for (int i = 0; i < dots; i++) {
            at += dotLength(path, at, end);
        }
        if (at < end && path.charAt(at) == ';') {
            while (at < end && path.charAt(at) != '/') {
                at++;
            }
        }
        return at < end ? at + 1 : at;
    }

    /** Drops the last segment; at the root there is none. */
    private static void up(StringBuilder out) {
        int last = out.length() - 1;
        int slash = out.lastIndexOf("/", last - 1);
        if (slash >= 0) {
            out.setLength(slash + 1);
        }
    }
}
