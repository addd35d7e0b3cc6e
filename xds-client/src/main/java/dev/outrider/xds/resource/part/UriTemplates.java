package dev.outrider.xds.resource.part;

/** What Envoy's uri_template path patterns may look like: literals, {@code *} for one segment, {@code **} for the rest. Pure. */
public final class UriTemplates {

    private UriTemplates() {}

    /** Returns {@code template}, rejected where it is none. */
    public static String check(String template, Scope at) {
        if (!template.startsWith("/")) {
            at.reject("'" + template + "' does not begin with /");
            return template;
        }
        boolean ended = false;
        for (String segment : template.substring(1).split("/", -1)) {
            if (ended) {
                at.reject("'" + template + "' goes on after **");
                break;
            }
            String bare = pattern(segment);
            if (bare.startsWith("**")) {
                ended = true;
            } else if (!bare.equals("*") && bare.indexOf('*') >= 0) {
                at.reject("'" + template + "' mixes * with text in a segment");
                break;
            }
            if (bare.indexOf('{') >= 0 || bare.indexOf('}') >= 0) {
                at.reject("'" + template + "' has a variable that is not {name}, {name=*} or {name=**}");
                break;
            }
        }
        return template;
    }

    /** A segment without its variable: {@code {name}} stands for {@code *}. */
    private static String pattern(String segment) {
        if (!segment.startsWith("{") || !segment.endsWith("}")) {
            return segment;
        }
        int equals = segment.indexOf('=');
        return equals < 0 ? "*" : segment.substring(equals + 1, segment.length() - 1);
    }
}
