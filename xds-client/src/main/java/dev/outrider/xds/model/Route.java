package dev.outrider.xds.model;

import com.google.re2j.Pattern;
import dev.outrider.xds.model.match.Matchers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** envoy.config.route.v3.Route. {@code decorator} is the span's operation, empty = none. */
public record Route(
        String name,
        Match match,
        RouteAction action,
        RouteConfiguration.HeaderMutations headers,
        Map<String, HttpFilter.PerRoute> perFilter,
        Metadata metadata,
        String decorator,
        boolean propagateDecorator,
        String statPrefix) {

    /** envoy.config.route.v3.RouteMatch. */
    public record Match(
            PathMatch path,
            boolean caseSensitive,
            List<Matchers.Header> headers,
            List<Matchers.QueryParameter> queryParameters,
            List<Matchers.MetadataPath> dynamicMetadata,
            Matchers.@Nullable Fraction runtimeFraction,
            boolean grpcOnly,
            @Nullable TlsMatch tls) {}

    /** tls_context of a match; null = not asked. */
    public record TlsMatch(@Nullable Boolean presented, @Nullable Boolean validated) {}

    /** All forms but Prefix look at the path without its query; Prefix too. */
    public sealed interface PathMatch {

        record Prefix(String prefix) implements PathMatch {}

        record Exact(String path) implements PathMatch {}

        record Regex(Pattern pattern) implements PathMatch {}

        /** Matches the path itself or anything below it: {@code /a} matches {@code /a}, {@code /a/b}, not {@code /ab}. */
        record SeparatedPrefix(String prefix) implements PathMatch {}

        record UriTemplate(String template) implements PathMatch {}

        /** Any CONNECT request. */
        record Connect() implements PathMatch {}
    }
}
