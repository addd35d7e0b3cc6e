package dev.outrider.xds.resource.part;

import com.google.re2j.Pattern;

/**
 * Compiles RE2 expressions within a bound on their size. RE2 unrolls counted repetition, so nested counts multiply: a few dozen
 * characters could otherwise fill the heap.
 */
final class RegexLimit {

    /** Of the expression written out, near enough to the 32,768 instructions that Istio allows a program. */
    private static final long MAX_SIZE = 32_768;

    private static final int MAX_DEPTH = 250;

    private RegexLimit() {}

    /** Throws IllegalArgumentException (PatternSyntaxException where it is no expression). */
    static Pattern compile(String regex) {
        if (regex.length() > MAX_SIZE || size(regex) > MAX_SIZE) {
            throw new IllegalArgumentException("is longer than " + MAX_SIZE + " characters when written out");
        }
        return Pattern.compile(regex);
    }

    /** Walks the groups: {@code sizes} holds what each open one has so far, {@code last} the atom that a count would multiply. */
    private static long size(String regex) {
        long[] sizes = new long[MAX_DEPTH + 1];
        int depth = 0;
        long last = 1;
        for (int i = 0; i < regex.length(); i++) {
            char c = regex.charAt(i);
            if (c == '(') {
                if (++depth > MAX_DEPTH) {
                    throw new IllegalArgumentException("nests deeper than " + MAX_DEPTH);
                }
                sizes[depth] = 1;
            } else if (c == ')' && depth > 0) {
                last = sizes[depth--];
                sizes[depth] += last;
            } else if (c == '{') {
                long more = last * (count(regex, i) - 1);
                sizes[depth] += 1 + more;
                last += more;
            } else {
                int end = c == '\\' ? endOfEscape(regex, i) : c == '[' ? endOfClass(regex, i) : i;
                last = c == '*' || c == '+' || c == '?' ? last : 1;
                sizes[depth] += 1 + end - i;
                i = end;
            }
            if (sizes[depth] > MAX_SIZE) {
                return sizes[depth];
            }
        }
        return sizes[0];
    }

    /** The last character of an escape; {@code \\Q…\\E} quotes a whole stretch. */
    private static int endOfEscape(String regex, int start) {
        if (!regex.startsWith("\\Q", start)) {
            return start + 1;
        }
        int end = regex.indexOf("\\E", start + 2);
        return end < 0 ? regex.length() : end + 1;
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
            int named = regex.startsWith("[:", i) ? regex.indexOf(":]", i) : -1;
            i = named >= 0 ? named + 2 : regex.charAt(i) == '\\' ? i + 2 : i + 1;
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
                number = Math.min(number * 10 + (c - '0'), MAX_SIZE);
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
