package dev.outrider.xds.resource.part;

import dev.outrider.xds.model.Rbac;
import dev.outrider.xds.model.Rbac.Action;
import dev.outrider.xds.model.Rbac.Permission;
import dev.outrider.xds.model.Rbac.Policy;
import dev.outrider.xds.model.Rbac.Principal;
import dev.outrider.xds.model.Rbac.Principal.SourceIp.Which;
import dev.outrider.xds.model.match.StringMatcher;
import dev.outrider.xds.proto.envoy.config.core.v3.TypedExtensionConfig;
import dev.outrider.xds.proto.envoy.config.rbac.v3.RBAC;
import dev.outrider.xds.proto.envoy.config.rbac.v3.SourcedMetadata;
import dev.outrider.xds.proto.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import dev.outrider.xds.proto.envoy.type.matcher.v3.PathMatcher;
import dev.outrider.xds.proto.envoy.type.v3.Int32Range;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * envoy.config.rbac.v3.RBAC. A policy that is not wholly understood (CEL condition, custom matcher, route metadata) is refused: never
 * enforced in part. Audit loggers only observe. Pure.
 */
public final class RbacParser {

    private static final StringMatcher NOTHING = new StringMatcher.Exact("", false);

    private RbacParser() {}

    public static @Nullable Rbac parse(boolean present, RBAC message, Scope at) {
        if (!present) {
            return null;
        }
        Map<String, Policy> policies = new LinkedHashMap<>();
        new TreeMap<>(message.getPoliciesMap()).forEach((name, policy) ->
                policies.put(name, policy(policy, at.at("policies[" + name + "]"))));
        for (var logger : message.getAuditLoggingOptions().getLoggerConfigsList()) {
            var config = logger.getAuditLogger();
            Extension.of(config.getName(), config.getTypedConfig(), at).ignored(at);
        }
        Action action = switch (message.getAction()) {
            case ALLOW -> Action.ALLOW;
            case DENY -> Action.DENY;
            case LOG -> Action.LOG;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getActionValue(), at.at("action"));
                yield Action.DENY;
            }
        };
        return new Rbac(action, Collections.unmodifiableMap(policies));
    }

    private static Policy policy(dev.outrider.xds.proto.envoy.config.rbac.v3.Policy message, Scope at) {
        if (message.hasCondition() || message.hasCheckedCondition()) {
            at.at("condition").reject("CEL conditions are not supported");
        }
        return new Policy(
                permissions(message.getPermissionsList(), "permissions", at),
                principals(message.getPrincipalsList(), "principals", at));
    }

    private static List<Permission> permissions(
            List<dev.outrider.xds.proto.envoy.config.rbac.v3.Permission> messages, String field, Scope at) {
        if (messages.isEmpty()) {
            at.at(field).reject("is empty");
        }
        List<Permission> permissions = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            permissions.add(permission(messages.get(i), at.at(field, i)));
        }
        return List.copyOf(permissions);
    }

    private static Permission permission(dev.outrider.xds.proto.envoy.config.rbac.v3.Permission message, Scope at) {
        return switch (message.getRuleCase()) {
            case ANY -> {
                mustBeTrue(message.getAny(), at);
                yield new Permission.Any();
            }
            case AND_RULES -> new Permission.And(permissions(message.getAndRules().getRulesList(), "rules", at.at("and_rules")));
            case OR_RULES -> new Permission.Or(permissions(message.getOrRules().getRulesList(), "rules", at.at("or_rules")));
            case NOT_RULE -> new Permission.Not(permission(message.getNotRule(), at.at("not_rule")));
            case HEADER -> new Permission.Header(MatcherParser.header(message.getHeader(), at.at("header")));
            case URL_PATH -> new Permission.UrlPath(path(message.getUrlPath(), at.at("url_path")));
            case URI_TEMPLATE -> new Permission.UriTemplate(uriTemplate(message.getUriTemplate(), at.at("uri_template")));
            case DESTINATION_IP -> new Permission.DestinationIp(Fields.cidr(message.getDestinationIp(), at.at("destination_ip")));
            case DESTINATION_PORT -> new Permission.DestinationPort((int) Fields.inRange(
                    Integer.toUnsignedLong(message.getDestinationPort()), 0, 65_535, at.at("destination_port")));
            case DESTINATION_PORT_RANGE -> portRange(message.getDestinationPortRange(), at.at("destination_port_range"));
            case REQUESTED_SERVER_NAME -> new Permission.RequestedServerName(
                    MatcherParser.string(message.getRequestedServerName(), at.at("requested_server_name")));
            case METADATA -> new Permission.MetadataIs(MatcherParser.metadata(message.getMetadata(), at.at("metadata")));
            case SOURCED_METADATA -> {
                Scope here = at.at("sourced_metadata");
                dynamicOnly(message.getSourcedMetadata(), here);
                yield new Permission.MetadataIs(
                        MatcherParser.metadata(message.getSourcedMetadata().getMetadataMatcher(), here.at("metadata_matcher")));
            }
            case MATCHER -> {
                extension(message.getMatcher(), at).unsupported("permission matcher", at.at("matcher"));
                yield new Permission.Any();
            }
            case RULE_NOT_SET -> {
                at.reject("permission is not set or not known");
                yield new Permission.Any();
            }
        };
    }

    private static List<Principal> principals(
            List<dev.outrider.xds.proto.envoy.config.rbac.v3.Principal> messages, String field, Scope at) {
        if (messages.isEmpty()) {
            at.at(field).reject("is empty");
        }
        List<Principal> principals = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            principals.add(principal(messages.get(i), at.at(field, i)));
        }
        return List.copyOf(principals);
    }

    private static Principal principal(dev.outrider.xds.proto.envoy.config.rbac.v3.Principal message, Scope at) {
        return switch (message.getIdentifierCase()) {
            case ANY -> {
                mustBeTrue(message.getAny(), at);
                yield new Principal.Any();
            }
            case AND_IDS -> new Principal.And(principals(message.getAndIds().getIdsList(), "ids", at.at("and_ids")));
            case OR_IDS -> new Principal.Or(principals(message.getOrIds().getIdsList(), "ids", at.at("or_ids")));
            case NOT_ID -> new Principal.Not(principal(message.getNotId(), at.at("not_id")));
            case AUTHENTICATED -> new Principal.Authenticated(message.getAuthenticated().hasPrincipalName()
                    ? MatcherParser.string(
                            message.getAuthenticated().getPrincipalName(), at.at("authenticated").at("principal_name"))
                    : null);
            case SOURCE_IP -> new Principal.SourceIp(Fields.cidr(message.getSourceIp(), at.at("source_ip")), Which.SOURCE);
            case DIRECT_REMOTE_IP ->
                new Principal.SourceIp(Fields.cidr(message.getDirectRemoteIp(), at.at("direct_remote_ip")), Which.DIRECT);
            case REMOTE_IP -> new Principal.SourceIp(Fields.cidr(message.getRemoteIp(), at.at("remote_ip")), Which.REMOTE);
            case HEADER -> new Principal.Header(MatcherParser.header(message.getHeader(), at.at("header")));
            case URL_PATH -> new Principal.UrlPath(path(message.getUrlPath(), at.at("url_path")));
            case METADATA -> new Principal.MetadataIs(MatcherParser.metadata(message.getMetadata(), at.at("metadata")));
            case SOURCED_METADATA -> {
                Scope here = at.at("sourced_metadata");
                dynamicOnly(message.getSourcedMetadata(), here);
                yield new Principal.MetadataIs(
                        MatcherParser.metadata(message.getSourcedMetadata().getMetadataMatcher(), here.at("metadata_matcher")));
            }
            case FILTER_STATE -> filterState(message, at.at("filter_state"));
            case CUSTOM -> {
                extension(message.getCustom(), at).unsupported("principal", at.at("custom"));
                yield new Principal.Any();
            }
            case IDENTIFIER_NOT_SET -> {
                at.reject("principal is not set or not known");
                yield new Principal.Any();
            }
        };
    }

    private static Principal filterState(dev.outrider.xds.proto.envoy.config.rbac.v3.Principal message, Scope at) {
        if (!message.getFilterState().hasStringMatch()) {
            at.reject("only string_match is supported");
            return new Principal.Any();
        }
        return new Principal.FilterState(
                Fields.notEmpty(message.getFilterState().getKey(), at.at("key")),
                MatcherParser.string(message.getFilterState().getStringMatch(), at.at("string_match")));
    }

    private static void mustBeTrue(boolean any, Scope at) {
        if (!any) {
            at.at("any").reject("must be true");
        }
    }

    private static void dynamicOnly(SourcedMetadata message, Scope at) {
        if (message.getMetadataSourceValue() != 0) {
            at.at("metadata_source").reject("only DYNAMIC is supported");
        }
    }

    private static Permission portRange(Int32Range range, Scope at) {
        if (range.getStart() < 0 || range.getEnd() > 65_536 || range.getStart() >= range.getEnd()) {
            at.reject("[" + range.getStart() + ", " + range.getEnd() + ") is not a range of ports");
        }
        return new Permission.DestinationPortRange(range.getStart(), range.getEnd());
    }

    private static StringMatcher path(PathMatcher matcher, Scope at) {
        if (!matcher.hasPath()) {
            at.at("path").reject("is not set");
            return NOTHING;
        }
        return MatcherParser.string(matcher.getPath(), at.at("path"));
    }

    private static String uriTemplate(TypedExtensionConfig config, Scope at) {
        Extension extension = extension(config, at);
        if (!extension.type().equals("envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig")) {
            extension.unsupported("path matcher", at);
            return "";
        }
        return UriTemplates.check(
                extension.read(UriTemplateMatchConfig.getDefaultInstance(), at).getPathTemplate(), at.at("path_template"));
    }

    private static Extension extension(TypedExtensionConfig config, Scope at) {
        return Extension.of(config.getName(), config.getTypedConfig(), at);
    }
}
