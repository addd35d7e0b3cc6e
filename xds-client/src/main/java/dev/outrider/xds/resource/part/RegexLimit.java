package dev.outrider.xds.resource.part;

import com.google.re2j.Pattern;

/**
 * Compiles RE2 expressions within a bound on their size. RE2 unrolls counted repetition, so nested counts multiply: a few dozen
 * characters could otherwise fill the heap. Istio allows programs of 32,768 instructions; the bound here is on expanded characters.
 */
final class RegexLimit {

    private static final int MAX_LENGTH = 32_768;

    /** Of all nested repetition counts multiplied, as RE2/J itself bounds a single one. */
    private static final int MAX_REPEAT = 1000;

    private static final int MAX_DEPTH = 250;

    private RegexLimit() {}

    /** Throws IllegalArgumentException (PatternSyntaxException where it is no expression). */
    static Pattern compile(String regex) {
        if (regex.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("is longer than " + MAX_LENGTH + " characters");
        }
        check(regex);
        return Pattern.compile(regex);
    }

    /** Walks the groups: each carries the largest product of counts inside it; a count after a group multiplies that. */
    private static void check(String regex) {
        long[] inner = new long[MAX_DEPTH + 1];
        int depth = 0;
        long last = 1;
        inner[0] = 1;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '\\') {
                i++;
                last = 1;
            } else if (c == '[') {
                i = endOfClass(regex, i);
                last = 1;
            } else if (c == '(') {
                if (++depth > MAX_DEPTH) {
                    throw new IllegalArgumentException("nests deeper than " + MAX_DEPTH);
                }
                inner[depth] = 1;
                last = 1;
            } else if (c == ')' && depth > 0) {
                last = inner[depth--];
                inner[depth] = Math.max(inner[depth], last);
            } else if (c == '{') {
                last *= count(regex, i);
                if (last > MAX_REPEAT) {
                    throw new IllegalArgumentException("repeats more than " + MAX_REPEAT + " times");
                }
                inner[depth] = Math.max(inner[depth], last);
            } else if (c != '}' && c != '*' && c != '+' && c != '?' && c != ',' && (c < '0' || c > '9')) {
                last = 1;
            }
        }
    }

    private static int endOfClass(String regex, int start) {
        int i = start + 1;
        if (i < regex.length() && regex.charAt(i) == '^') {
            i++;
        }
        if (i < regex.length() && regex.charAt(i) == ']') {
            i++;
        }
        while (i < regex.length() && regex.charAt(i) != ']') {
            i += regex.charAt(i) == '\\' ? 2 : 1;
        }
        return i;
    }

    /** The larger number of {@code {m,n}}; 1 where it is no count. */
    private static long count(String regex, int brace) {
        long largest = 0;
        long number = 0;
        for (int i = brace + 1; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c >= '0' && c <= '9') {
                number = Math.min(number * 10 + (c - '0'), MAX_REPEAT + 1L);
            } else if (c == ',' || c == '}') {
                largest = Math.max(largest, number);
                number = 0;
                if (c == '}') {
                    return Math.max(largest, 1);
                }
            } else {
                return 1;
            }
        }
        return 1;
    }
}
