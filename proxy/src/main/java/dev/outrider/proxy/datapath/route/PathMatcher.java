package dev.outrider.proxy.datapath.route;

import com.google.re2j.Pattern;
import dev.outrider.xds.model.Route.PathMatch;

/** A compiled path test. {@code length} is where the path ends in the text: before its query and fragment. Immutable. */
sealed interface PathMatcher {

    boolean matches(String path, int length);

    /** How many chars a prefix rewrite replaces. */
    int matched(int length);

    static PathMatcher compile(PathMatch match, boolean caseSensitive) {
        return switch (match) {
            case PathMatch.Prefix(String prefix) -> new Prefix(prefix, !caseSensitive);
            case PathMatch.Exact(String path) -> new Exact(path, !caseSensitive);
            case PathMatch.SeparatedPrefix(String prefix) -> new Separated(prefix, !caseSensitive);
            case PathMatch.Regex(Pattern pattern) -> new Regex(pattern);
            case PathMatch.UriTemplate(String template) -> new Regex(UriTemplates.compile(template));
            case PathMatch.Connect c -> new Connect();
        };
    }

    record Prefix(String prefix, boolean ignoreCase) implements PathMatcher {
        @Override
        public boolean matches(String path, int length) {
            return length >= prefix.length() && path.regionMatches(ignoreCase, 0, prefix, 0, prefix.length());
        }

        @Override
        public int matched(int length) {
            return prefix.length();
        }
    }

    record Exact(String path, boolean ignoreCase) implements PathMatcher {
        @Override
        public boolean matches(String text, int length) {
            return length == path.length() && text.regionMatches(ignoreCase, 0, path, 0, length);
        }

        @Override
        public int matched(int length) {
            return length;
        }
    }

    record Separated(String prefix, boolean ignoreCase) implements PathMatcher {
        @Override
        public boolean matches(String path, int length) {
            return length >= prefix.length() && path.regionMatches(ignoreCase, 0, prefix, 0, prefix.length())
                    && (length == prefix.length() || path.charAt(prefix.length()) == '/');
        }

        @Override
        public int matched(int length) {
            return prefix.length();
        }
    }

    record Regex(Pattern pattern) implements PathMatcher {
        @Override
        public boolean matches(String path, int length) {
            return pattern.matcher(length == path.length() ? path : path.substring(0, length)).matches();
        }

        @Override
        public int matched(int length) {
            return length;
        }
    }

    /** Matches no path; CONNECT requests are tested apart. */
    record Connect() implements PathMatcher {
        @Override
        public boolean matches(String path, int length) {
            return false;
        }

        @Override
        public int matched(int length) {
            return 0;
        }
    }
}
