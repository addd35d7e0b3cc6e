package dev.outrider.xds.resource.part;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.model.match.Matchers.HeaderTest;
import dev.outrider.xds.model.match.Matchers.ValueTest;
import dev.outrider.xds.model.match.StringMatcher;
import dev.outrider.xds.proto.envoy.config.route.v3.HeaderMatcher;
import dev.outrider.xds.proto.envoy.config.route.v3.QueryParameterMatcher;
import dev.outrider.xds.proto.envoy.type.matcher.v3.MetadataMatcher;
import dev.outrider.xds.proto.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import dev.outrider.xds.proto.envoy.type.matcher.v3.RegexMatcher;
import dev.outrider.xds.proto.envoy.type.matcher.v3.ValueMatcher;
import java.util.ArrayList;
import java.util.List;

/** Envoy's string, header, query, metadata and value matchers. Pure. */
public final class MatcherParser {

    /** Stands in for what was rejected; never reaches a model. */
    private static final StringMatcher NOTHING = new StringMatcher.Exact("", false);

    private static final Pattern NO_PATTERN = Pattern.compile("");

    private MatcherParser() {}

    public static StringMatcher string(dev.outrider.xds.proto.envoy.type.matcher.v3.StringMatcher matcher, Scope at) {
        boolean ignoreCase = matcher.getIgnoreCase();
        return switch (matcher.getMatchPatternCase()) {
            case EXACT -> new StringMatcher.Exact(matcher.getExact(), ignoreCase);
            case PREFIX -> new StringMatcher.Prefix(Fields.notEmpty(matcher.getPrefix(), at.at("prefix")), ignoreCase);
            case SUFFIX -> new StringMatcher.Suffix(Fields.notEmpty(matcher.getSuffix(), at.at("suffix")), ignoreCase);
            case CONTAINS -> new StringMatcher.Contains(Fields.notEmpty(matcher.getContains(), at.at("contains")), ignoreCase);
            case SAFE_REGEX -> new StringMatcher.Regex(regex(matcher.getSafeRegex(), at.at("safe_regex")));
            case CUSTOM -> {
                Extension.of(matcher.getCustom().getName(), matcher.getCustom().getTypedConfig(), at)
                        .unsupported("string matcher", at.at("custom"));
                yield NOTHING;
            }
            case MATCHPATTERN_NOT_SET -> {
                at.reject("string matcher has no pattern");
                yield NOTHING;
            }
        };
    }

    public static List<StringMatcher> strings(
            List<dev.outrider.xds.proto.envoy.type.matcher.v3.StringMatcher> matchers, String field, Scope at) {
        List<StringMatcher> parsed = new ArrayList<>(matchers.size());
        for (int i = 0; i < matchers.size(); i++) {
            parsed.add(string(matchers.get(i), at.at(field, i)));
        }
        return List.copyOf(parsed);
    }

    public static Pattern regex(RegexMatcher matcher, Scope at) {
        return regex(Fields.notEmpty(matcher.getRegex(), at.at("regex")), at.at("regex"));
    }

    private static Pattern regex(String regex, Scope at) {
        try {
            return RegexLimit.compile(regex);
        } catch (PatternSyntaxException e) {
            at.reject("'" + regex + "' is not a regular expression: " + e.getDescription());
            return NO_PATTERN;
        } catch (IllegalArgumentException e) {
            at.reject("'" + regex + "' " + e.getMessage());
            return NO_PATTERN;
        }
    }

    public static RouteAction.RegexRewrite rewrite(RegexMatchAndSubstitute rewrite, Scope at) {
        Pattern pattern = regex(rewrite.getPattern(), at.at("pattern"));
        String substitution = Fields.headerValue(rewrite.getSubstitution(), at.at("substitution"));
        for (int i = 0; i < substitution.length(); i++) {
            if (substitution.charAt(i) == '\\') {
                i++;
                char c = i < substitution.length() ? substitution.charAt(i) : 0;
                if (c != '\\' && (c < '0' || c > '9' || c - '0' > pattern.groupCount())) {
                    at.at("substitution").reject("'" + substitution + "' refers to a group that the pattern does not have");
                    break;
                }
            }
        }
        return new RouteAction.RegexRewrite(pattern, substitution);
    }

    public static Matchers.Header header(HeaderMatcher matcher, Scope at) {
        HeaderTest test = switch (matcher.getHeaderMatchSpecifierCase()) {
            case STRING_MATCH -> new HeaderTest.Value(string(matcher.getStringMatch(), at.at("string_match")));
            case EXACT_MATCH -> new HeaderTest.Value(new StringMatcher.Exact(matcher.getExactMatch(), false));
            case PREFIX_MATCH -> new HeaderTest.Value(
                    new StringMatcher.Prefix(Fields.notEmpty(matcher.getPrefixMatch(), at.at("prefix_match")), false));
            case SUFFIX_MATCH -> new HeaderTest.Value(
                    new StringMatcher.Suffix(Fields.notEmpty(matcher.getSuffixMatch(), at.at("suffix_match")), false));
            case CONTAINS_MATCH -> new HeaderTest.Value(
                    new StringMatcher.Contains(Fields.notEmpty(matcher.getContainsMatch(), at.at("contains_match")), false));
            case SAFE_REGEX_MATCH -> new HeaderTest.Value(
                    new StringMatcher.Regex(regex(matcher.getSafeRegexMatch(), at.at("safe_regex_match"))));
            case RANGE_MATCH -> new HeaderTest.Range(matcher.getRangeMatch().getStart(), matcher.getRangeMatch().getEnd());
            case PRESENT_MATCH -> new HeaderTest.Presence(matcher.getPresentMatch());
            case HEADERMATCHSPECIFIER_NOT_SET -> new HeaderTest.Presence(true);
        };
        return new Matchers.Header(
                Fields.headerName(matcher.getName(), at.at("name")),
                test,
                matcher.getInvertMatch(),
                matcher.getTreatMissingHeaderAsEmpty());
    }

    public static List<Matchers.Header> headers(List<HeaderMatcher> matchers, String field, Scope at) {
        List<Matchers.Header> parsed = new ArrayList<>(matchers.size());
        for (int i = 0; i < matchers.size(); i++) {
            parsed.add(header(matchers.get(i), at.at(field, i)));
        }
        return List.copyOf(parsed);
    }

    public static Matchers.QueryParameter query(QueryParameterMatcher matcher, Scope at) {
        if (matcher.getName().length() > 1024) {
            at.at("name").reject("is longer than 1024 bytes");
        }
        return new Matchers.QueryParameter(
                Fields.notEmpty(matcher.getName(), at.at("name")),
                matcher.hasStringMatch() ? string(matcher.getStringMatch(), at.at("string_match")) : null);
    }

    public static Matchers.MetadataPath metadata(MetadataMatcher matcher, Scope at) {
        List<String> path = new ArrayList<>();
        for (int i = 0; i < matcher.getPathCount(); i++) {
            path.add(Fields.notEmpty(matcher.getPath(i).getKey(), at.at("path", i).at("key")));
        }
        if (path.isEmpty()) {
            at.at("path").reject("is empty");
        }
        return new Matchers.MetadataPath(
                Fields.notEmpty(matcher.getFilter(), at.at("filter")),
                List.copyOf(path),
                value(matcher.getValue(), at.at("value")),
                matcher.getInvert());
    }

    private static ValueTest value(ValueMatcher matcher, Scope at) {
        return switch (matcher.getMatchPatternCase()) {
            case NULL_MATCH -> new ValueTest.Null();
            case DOUBLE_MATCH -> matcher.getDoubleMatch().hasRange()
                    ? new ValueTest.Number(
                            matcher.getDoubleMatch().getRange().getStart(), matcher.getDoubleMatch().getRange().getEnd())
                    : new ValueTest.Number(
                            matcher.getDoubleMatch().getExact(), Math.nextUp(matcher.getDoubleMatch().getExact()));
            case STRING_MATCH -> new ValueTest.Text(string(matcher.getStringMatch(), at.at("string_match")));
            case BOOL_MATCH -> new ValueTest.Bool(matcher.getBoolMatch());
            case PRESENT_MATCH -> new ValueTest.Present(matcher.getPresentMatch());
            case LIST_MATCH -> new ValueTest.OneOf(value(matcher.getListMatch().getOneOf(), at.at("list_match").at("one_of")));
            case OR_MATCH -> {
                List<ValueTest> tests = new ArrayList<>();
                for (int i = 0; i < matcher.getOrMatch().getValueMatchersCount(); i++) {
                    tests.add(value(matcher.getOrMatch().getValueMatchers(i), at.at("or_match").at("value_matchers", i)));
                }
                yield new ValueTest.Or(List.copyOf(tests));
            }
            case MATCHPATTERN_NOT_SET -> {
                at.reject("value matcher has no pattern");
                yield new ValueTest.Null();
            }
        };
    }
}
