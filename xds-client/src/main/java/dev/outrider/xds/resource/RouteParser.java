package dev.outrider.xds.resource;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.Route.Match;
import dev.outrider.xds.model.Route.PathMatch;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.proto.envoy.config.route.v3.DirectResponseAction;
import dev.outrider.xds.proto.envoy.config.route.v3.RedirectAction;
import dev.outrider.xds.proto.envoy.config.route.v3.RouteMatch;
import dev.outrider.xds.proto.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import dev.outrider.xds.proto.google.protobuf.BoolValue;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.HeaderMutationParser;
import dev.outrider.xds.resource.part.MatcherParser;
import dev.outrider.xds.resource.part.Scope;
import dev.outrider.xds.resource.part.Trees;
import dev.outrider.xds.resource.part.UriTemplates;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** envoy.config.route.v3.Route: its match and its redirect or direct response; forwarding is {@link RouteActionParser}'s. Pure. */
final class RouteParser {

    private RouteParser() {}

    /** What a route takes from its virtual host and route configuration. */
    record Inherited(RouteAction.@Nullable RetryPolicy retry, List<RouteAction.Mirror> mirrors, long maxBody) {}

    static Route parse(dev.outrider.xds.proto.envoy.config.route.v3.Route message, Inherited inherited, Scope at) {
        if (message.hasDecorator()) {
            Fields.notEmpty(message.getDecorator().getOperation(), at.at("decorator").at("operation"));
        }
        return new Route(
                message.getName(),
                match(message.getMatch(), at.at("match")),
                action(message, inherited, at),
                HeaderMutationParser.parse(
                        message.getRequestHeadersToAddList(), message.getRequestHeadersToRemoveList(),
                        message.getResponseHeadersToAddList(), message.getResponseHeadersToRemoveList(), at),
                HttpFilterParser.withCors(
                        HttpFilterParser.perRoute(message.getTypedPerFilterConfigMap(), at),
                        message.getRoute().hasCors(), message.getRoute().getCors(), at.at("route").at("cors")),
                Trees.metadata(message.getMetadata()),
                message.getDecorator().getOperation(),
                Fields.bool(message.getDecorator().hasPropagate(), message.getDecorator().getPropagate(), true),
                message.getStatPrefix());
    }

    private static RouteAction action(dev.outrider.xds.proto.envoy.config.route.v3.Route message, Inherited inherited, Scope at) {
        return switch (message.getActionCase()) {
            case ROUTE -> RouteActionParser.forward(message.getRoute(), inherited, at.at("route"));
            case REDIRECT -> redirect(message.getRedirect(), at.at("redirect"));
            case DIRECT_RESPONSE -> directResponse(message.getDirectResponse(), inherited.maxBody(), at.at("direct_response"));
            case NON_FORWARDING_ACTION -> new RouteAction.NonForwarding();
            case FILTER_ACTION -> {
                at.at("filter_action").reject("is not supported");
                yield new RouteAction.NonForwarding();
            }
            case ACTION_NOT_SET -> {
                at.reject("route has no action");
                yield new RouteAction.NonForwarding();
            }
        };
    }

    private static Match match(RouteMatch message, Scope at) {
        if (message.getFilterStateCount() > 0) {
            at.at("filter_state").reject("is not supported");
        }
        List<Matchers.QueryParameter> query = new ArrayList<>();
        for (int i = 0; i < message.getQueryParametersCount(); i++) {
            query.add(MatcherParser.query(message.getQueryParameters(i), at.at("query_parameters", i)));
        }
        List<Matchers.MetadataPath> metadata = new ArrayList<>();
        for (int i = 0; i < message.getDynamicMetadataCount(); i++) {
            metadata.add(MatcherParser.metadata(message.getDynamicMetadata(i), at.at("dynamic_metadata", i)));
        }
        var tls = message.getTlsContext();
        return new Match(
                path(message, at),
                Fields.bool(message.hasCaseSensitive(), message.getCaseSensitive(), true),
                MatcherParser.headers(message.getHeadersList(), "headers", at),
                List.copyOf(query),
                List.copyOf(metadata),
                message.hasRuntimeFraction() ? Fields.fraction(message.getRuntimeFraction(), at.at("runtime_fraction")) : null,
                message.hasGrpc(),
                message.hasTlsContext()
                        ? new Route.TlsMatch(
                                orNull(tls.hasPresented(), tls.getPresented()), orNull(tls.hasValidated(), tls.getValidated()))
                        : null);
    }

    private static @Nullable Boolean orNull(boolean present, BoolValue value) {
        return present ? value.getValue() : null;
    }

    private static PathMatch path(RouteMatch message, Scope at) {
        return switch (message.getPathSpecifierCase()) {
            case PREFIX -> new PathMatch.Prefix(message.getPrefix());
            case PATH -> new PathMatch.Exact(message.getPath());
            case SAFE_REGEX -> new PathMatch.Regex(MatcherParser.regex(message.getSafeRegex(), at.at("safe_regex")));
            case CONNECT_MATCHER -> new PathMatch.Connect();
            case PATH_SEPARATED_PREFIX -> {
                String prefix = message.getPathSeparatedPrefix();
                if (prefix.length() < 2 || prefix.indexOf('?') >= 0 || prefix.indexOf('#') >= 0 || prefix.endsWith("/")) {
                    at.at("path_separated_prefix").reject("'" + prefix + "' is empty, ends with / or holds ? or #");
                }
                yield new PathMatch.SeparatedPrefix(prefix);
            }
            case PATH_MATCH_POLICY -> template(message, at.at("path_match_policy"));
            case PATHSPECIFIER_NOT_SET -> {
                at.reject("path specifier is not set or not known");
                yield new PathMatch.Prefix("");
            }
        };
    }

    private static PathMatch template(RouteMatch message, Scope at) {
        Extension extension = Extension.of(
                message.getPathMatchPolicy().getName(), message.getPathMatchPolicy().getTypedConfig(), at);
        if (!extension.type().equals("envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig")) {
            extension.unsupported("path matcher", at);
            return new PathMatch.Prefix("");
        }
        return new PathMatch.UriTemplate(UriTemplates.check(
                extension.read(UriTemplateMatchConfig.getDefaultInstance(), at).getPathTemplate(), at.at("path_template")));
    }

    private static RouteAction redirect(RedirectAction message, Scope at) {
        int status = switch (message.getResponseCode()) {
            case MOVED_PERMANENTLY -> 301;
            case FOUND -> 302;
            case SEE_OTHER -> 303;
            case TEMPORARY_REDIRECT -> 307;
            case PERMANENT_REDIRECT -> 308;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getResponseCodeValue(), at.at("response_code"));
                yield 301;
            }
        };
        return new RouteAction.Redirect(
                message.hasSchemeRedirect() ? orNull(message.getSchemeRedirect()) : null,
                message.getHttpsRedirect(),
                orNull(Fields.headerValue(message.getHostRedirect(), at.at("host_redirect"))),
                (int) Fields.inRange(Integer.toUnsignedLong(message.getPortRedirect()), 0, 65_535, at.at("port_redirect")),
                message.hasPathRedirect() ? Fields.headerValue(message.getPathRedirect(), at.at("path_redirect")) : null,
                message.hasPrefixRewrite() ? Fields.headerValue(message.getPrefixRewrite(), at.at("prefix_rewrite")) : null,
                message.hasRegexRewrite() ? MatcherParser.rewrite(message.getRegexRewrite(), at.at("regex_rewrite")) : null,
                status,
                message.getStripQuery());
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static RouteAction directResponse(DirectResponseAction message, long maxBody, Scope at) {
        Bytes body = Fields.data(message.getBody(), at.at("body"));
        if (body.length() > maxBody) {
            at.at("body").reject("has " + body.length() + " bytes, more than the allowed " + maxBody);
        }
        return new RouteAction.DirectResponse(
                (int) Fields.inRange(Integer.toUnsignedLong(message.getStatus()), 200, 599, at.at("status")), body);
    }
}
