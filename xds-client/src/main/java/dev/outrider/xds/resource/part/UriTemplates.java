package dev.outrider.xds.resource.part;

/** What Envoy's uri_template path patterns may look like: literals, {@code *} for one segment, {@code **} for the rest. Pure. */
public final class UriTemplates {

    private UriTemplates() {}

    /** {@code template} with {@code {name}} written as {@code *}; rejected where it is none. */
    public static String check(String template, Scope at) {
        if (!template.startsWith("/")) {
            at.reject("'" + template + "' does not begin with /");
            return template;
        }
        StringBuilder plain = new StringBuilder();
        boolean ended = false;
        for (String segment : template.substring(1).split("/", -1)) {
            if (ended) {
                at.reject("'" + template + "' goes on after **");
                break;
            }
            String bare = withoutVariable(segment);
            ended = bare.startsWith("**");
            if (!ended && !bare.equals("*") && bare.indexOf('*') >= 0) {
                at.reject("'" + template + "' mixes * with text in a segment");
                break;
            }
            if (bare.indexOf('{') >= 0 || bare.indexOf('}') >= 0) {
                at.reject("'" + template + "' has a variable that is not {name}, {name=*} or {name=**}");
                break;
            }
            plain.append('/').append(bare);
        }
        return plain.toString();
    }

    private static String withoutVariable(String segment) {
        if (!segment.startsWith("{") || !segment.endsWith("}")) {
            return segment;
        }
        int equals = segment.indexOf('=');
        String name = segment.substring(1, equals < 0 ? segment.length() - 1 : equals);
        boolean named = !name.isEmpty() && name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_');
        return !named ? segment : equals < 0 ? "*" : segment.substring(equals + 1, segment.length() - 1);
    }
}
