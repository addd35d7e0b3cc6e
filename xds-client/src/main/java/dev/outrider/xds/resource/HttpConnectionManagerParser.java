package dev.outrider.xds.resource;

import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpConnectionManager.CodecType;
import dev.outrider.xds.model.HttpConnectionManager.Forwarding;
import dev.outrider.xds.model.HttpConnectionManager.HostPort;
import dev.outrider.xds.model.HttpConnectionManager.Http1Options;
import dev.outrider.xds.model.HttpConnectionManager.Http2Options;
import dev.outrider.xds.model.HttpConnectionManager.Limits;
import dev.outrider.xds.model.HttpConnectionManager.LocalReplies;
import dev.outrider.xds.model.HttpConnectionManager.PathNormalization;
import dev.outrider.xds.model.HttpConnectionManager.ServerHeader;
import dev.outrider.xds.model.HttpConnectionManager.Timeouts;
import dev.outrider.xds.model.HttpConnectionManager.Tracing;
import dev.outrider.xds.model.HttpConnectionManager.Xfcc;
import dev.outrider.xds.model.HttpConnectionManager.XfccParts;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.source.ResourceRef;
import dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import dev.outrider.xds.resource.part.AccessLogParser;
import dev.outrider.xds.resource.part.ConfigSourceParser;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.HeaderMutationParser;
import dev.outrider.xds.resource.part.Http2Fields;
import dev.outrider.xds.resource.part.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, with Envoy's defaults. Pure. */
final class HttpConnectionManagerParser {

    private static final long SECOND = 1_000_000_000L;

    /** An unset sampling share is everything. */
    private static final double ALL = 100;

    private HttpConnectionManagerParser() {}

    static HttpConnectionManager parse(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        rejectUnbuilt(m, at);
        return new HttpConnectionManager(
                Fields.notEmpty(m.getStatPrefix(), at.at("stat_prefix")),
                codec(m, at.at("codec_type")),
                m.hasRds() ? rds(m.getRds(), at.at("rds")) : null,
                routes(m, at),
                HttpFilterParser.chain(m.getHttpFiltersList(), at),
                AccessLogParser.parse(m.getAccessLogList(), "access_log", at),
                flushOnNew(m),
                forwarding(m, at),
                serverHeader(m, at),
                path(m, at),
                limits(m, at),
                http1(m, at),
                http2(m, at),
                upgrades(m, at),
                timeouts(m, at),
                new HostPort(m.getStripMatchingHostPort(), m.getStripAnyHostPort(), m.getStripTrailingHostDot()),
                m.getProxy100Continue(),
                m.getStreamErrorOnInvalidHttpMessage().getValue(),
                m.hasTracing() ? tracing(m, at.at("tracing")) : null,
                m.hasLocalReplyConfig() ? localReplies(m.getLocalReplyConfig(), at.at("local_reply_config")) : null);
    }

    private static void rejectUnbuilt(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        for (var extension : m.getOriginalIpDetectionExtensionsList()) {
            at.at("original_ip_detection_extensions").reject("'" + extension.getName() + "' is not supported");
        }
        for (var extension : m.getEarlyHeaderMutationExtensionsList()) {
            at.at("early_header_mutation_extensions").reject("'" + extension.getName() + "' is not supported");
        }
        if (m.hasPathNormalizationOptions()) {
            at.at("path_normalization_options").reject("is not supported");
        }
        if (m.hasSchemeHeaderTransformation()) {
            at.at("scheme_header_transformation").reject("is not supported");
        }
        if (m.hasTypedHeaderValidationConfig()) {
            at.at("typed_header_validation_config").reject("'" + m.getTypedHeaderValidationConfig().getName() + "' is not supported");
        }
        if (m.hasProxyStatusConfig()) {
            at.at("proxy_status_config").reject("is not supported");
        }
        if (m.getAddUserAgent().getValue()) {
            at.at("add_user_agent").reject("is not supported");
        }
        if (m.hasRequestIdExtension()) {
            Extension extension = Extension.of(
                    "request_id", m.getRequestIdExtension().getTypedConfig(), at.at("request_id_extension"));
            if (!extension.type().equals("envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig")) {
                extension.unsupported("request id", at.at("request_id_extension"));
            }
        }
    }

    private static CodecType codec(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        return switch (m.getCodecType()) {
            case AUTO -> CodecType.AUTO;
            case HTTP1 -> CodecType.HTTP1;
            case HTTP2 -> CodecType.HTTP2;
            case HTTP3, UNRECOGNIZED -> {
                at.reject("value " + m.getCodecTypeValue() + " is not supported");
                yield CodecType.AUTO;
            }
        };
    }

    private static ResourceRef rds(Rds message, Scope at) {
        return new ResourceRef(
                Fields.notEmpty(message.getRouteConfigName(), at.at("route_config_name")),
                ConfigSourceParser.parse(message.getConfigSource(), at.at("config_source")));
    }

    private static @Nullable RouteConfiguration routes(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        return switch (m.getRouteSpecifierCase()) {
            case RDS -> null;
            case ROUTE_CONFIG -> RouteConfigurationParser.configuration(m.getRouteConfig(), at.at("route_config"));
            case SCOPED_ROUTES -> {
                at.at("scoped_routes").reject("is not supported");
                yield null;
            }
            case ROUTESPECIFIER_NOT_SET -> {
                at.reject("one of rds and route_config is needed");
                yield null;
            }
        };
    }

    private static boolean flushOnNew(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m) {
        return m.getFlushAccessLogOnNewRequest() || m.getAccessLogOptions().getFlushAccessLogOnNewRequest();
    }

    private static Forwarding forwarding(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        Xfcc xfcc = switch (m.getForwardClientCertDetails()) {
            case SANITIZE -> Xfcc.SANITIZE;
            case FORWARD_ONLY -> Xfcc.FORWARD_ONLY;
            case APPEND_FORWARD -> Xfcc.APPEND_FORWARD;
            case SANITIZE_SET -> Xfcc.SANITIZE_SET;
            case ALWAYS_FORWARD_ONLY -> Xfcc.ALWAYS_FORWARD_ONLY;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(m.getForwardClientCertDetailsValue(), at.at("forward_client_cert_details"));
                yield Xfcc.SANITIZE;
            }
        };
        var details = m.getSetCurrentClientCertDetails();
        return new Forwarding(
                m.getUseRemoteAddress().getValue(),
                (int) Fields.inRange(
                        Integer.toUnsignedLong(m.getXffNumTrustedHops()), 0, Integer.MAX_VALUE, at.at("xff_num_trusted_hops")),
                m.getSkipXffAppend(),
                m.getAppendXForwardedPort(),
                Fields.headerValue(m.getVia(), at.at("via")),
                Fields.bool(m.hasGenerateRequestId(), m.getGenerateRequestId(), true),
                m.getPreserveExternalRequestId(),
                m.getAlwaysSetRequestIdInResponse(),
                xfcc,
                new XfccParts(
                        details.getSubject().getValue(), details.getCert(), details.getChain(), details.getDns(), details.getUri()),
                Fields.cidrs(m.getInternalAddressConfig().getCidrRangesList(), "cidr_ranges", at.at("internal_address_config")),
                m.getRepresentIpv4RemoteAddressAsIpv4MappedIpv6());
    }

    private static ServerHeader serverHeader(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        ServerHeader.Transformation transformation = switch (m.getServerHeaderTransformation()) {
            case OVERWRITE -> ServerHeader.Transformation.OVERWRITE;
            case APPEND_IF_ABSENT -> ServerHeader.Transformation.APPEND_IF_ABSENT;
            case PASS_THROUGH -> ServerHeader.Transformation.PASS_THROUGH;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(m.getServerHeaderTransformationValue(), at.at("server_header_transformation"));
                yield ServerHeader.Transformation.OVERWRITE;
            }
        };
        String name = m.getServerName().isEmpty() ? "envoy" : Fields.headerValue(m.getServerName(), at.at("server_name"));
        return new ServerHeader(name, transformation);
    }

    private static PathNormalization path(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        PathNormalization.EscapedSlashes slashes = switch (m.getPathWithEscapedSlashesAction()) {
            case IMPLEMENTATION_SPECIFIC_DEFAULT, KEEP_UNCHANGED -> PathNormalization.EscapedSlashes.KEEP;
            case REJECT_REQUEST -> PathNormalization.EscapedSlashes.REJECT;
            case UNESCAPE_AND_REDIRECT -> PathNormalization.EscapedSlashes.UNESCAPE_AND_REDIRECT;
            case UNESCAPE_AND_FORWARD -> PathNormalization.EscapedSlashes.UNESCAPE_AND_FORWARD;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(m.getPathWithEscapedSlashesActionValue(), at.at("path_with_escaped_slashes_action"));
                yield PathNormalization.EscapedSlashes.REJECT;
            }
        };
        return new PathNormalization(m.getNormalizePath().getValue(), m.getMergeSlashes(), slashes);
    }

    private static Limits limits(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        var common = m.getCommonHttpProtocolOptions();
        Limits.Underscores underscores = switch (common.getHeadersWithUnderscoresAction()) {
            case ALLOW -> Limits.Underscores.ALLOW;
            case REJECT_REQUEST -> Limits.Underscores.REJECT_REQUEST;
            case DROP_HEADER -> Limits.Underscores.DROP_HEADER;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(common.getHeadersWithUnderscoresActionValue(),
                        at.at("common_http_protocol_options").at("headers_with_underscores_action"));
                yield Limits.Underscores.REJECT_REQUEST;
            }
        };
        return new Limits(
                1024 * (int) Fields.uint32(m.hasMaxRequestHeadersKb(), m.getMaxRequestHeadersKb(), 60, 1, 8192,
                        at.at("max_request_headers_kb")),
                (int) Fields.uint32(common.hasMaxHeadersCount(), common.getMaxHeadersCount(), 100, 1, Integer.MAX_VALUE,
                        at.at("common_http_protocol_options").at("max_headers_count")),
                underscores);
    }

    private static Http1Options http1(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        var options = m.getHttpProtocolOptions();
        return new Http1Options(
                options.getAcceptHttp10(),
                options.getDefaultHostForHttp10(),
                Fields.bool(options.hasAllowAbsoluteUrl(), options.getAllowAbsoluteUrl(), true),
                options.getEnableTrailers(),
                ClusterHttpParser.preserveCase(options, at.at("http_protocol_options")),
                options.getHeaderKeyFormat().hasProperCaseWords(),
                options.getAllowChunkedLength());
    }

    private static Http2Options http2(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        var options = m.getHttp2ProtocolOptions();
        return new Http2Options(
                Http2Fields.maxConcurrentStreams(options, at),
                Http2Fields.streamWindow(options, at),
                Http2Fields.connectionWindow(options, at),
                options.getAllowConnect());
    }

    private static List<String> upgrades(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        List<String> types = new ArrayList<>();
        for (int i = 0; i < m.getUpgradeConfigsCount(); i++) {
            var upgrade = m.getUpgradeConfigs(i);
            Scope here = at.at("upgrade_configs", i);
            if (upgrade.getFiltersCount() > 0) {
                here.at("filters").reject("a filter chain of its own is not supported");
            }
            String type = Fields.notEmpty(upgrade.getUpgradeType(), here.at("upgrade_type")).toLowerCase(Locale.ROOT);
            if (types.contains(type)) {
                here.at("upgrade_type").reject("'" + type + "' is given twice");
            }
            if (Fields.bool(upgrade.hasEnabled(), upgrade.getEnabled(), true)) {
                types.add(type);
            }
        }
        return List.copyOf(types);
    }

    private static Timeouts timeouts(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        var common = m.getCommonHttpProtocolOptions();
        Scope commonAt = at.at("common_http_protocol_options");
        return new Timeouts(
                Fields.nanos(common.hasIdleTimeout(), common.getIdleTimeout(), 3600 * SECOND, commonAt.at("idle_timeout")),
                Fields.nanos(m.hasStreamIdleTimeout(), m.getStreamIdleTimeout(), 300 * SECOND, at.at("stream_idle_timeout")),
                Fields.nanos(m.hasRequestTimeout(), m.getRequestTimeout(), 0, at.at("request_timeout")),
                Fields.nanos(m.hasRequestHeadersTimeout(), m.getRequestHeadersTimeout(), 0, at.at("request_headers_timeout")),
                Fields.nanos(common.hasMaxConnectionDuration(), common.getMaxConnectionDuration(), 0,
                        commonAt.at("max_connection_duration")),
                Fields.nanos(common.hasMaxStreamDuration(), common.getMaxStreamDuration(), 0, commonAt.at("max_stream_duration")),
                Fields.nanos(m.hasDrainTimeout(), m.getDrainTimeout(), 5 * SECOND, at.at("drain_timeout")),
                Fields.nanos(m.hasDelayedCloseTimeout(), m.getDelayedCloseTimeout(), SECOND, at.at("delayed_close_timeout")));
    }

    private static Tracing tracing(
            dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager m, Scope at) {
        var tracing = m.getTracing();
        Extension provider = Extension.of(
                tracing.getProvider().getName(), tracing.getProvider().getTypedConfig(), at.at("provider"));
        if (tracing.hasProvider()) {
            provider.ignored(at);
        }
        return new Tracing(
                Fields.percent(tracing.hasClientSampling(), tracing.getClientSampling(), ALL, at.at("client_sampling")),
                Fields.percent(tracing.hasRandomSampling(), tracing.getRandomSampling(), ALL, at.at("random_sampling")),
                Fields.percent(tracing.hasOverallSampling(), tracing.getOverallSampling(), ALL, at.at("overall_sampling")),
                provider.type());
    }

    private static LocalReplies localReplies(LocalReplyConfig message, Scope at) {
        List<LocalReplies.Mapper> mappers = new ArrayList<>(message.getMappersCount());
        for (int i = 0; i < message.getMappersCount(); i++) {
            var mapper = message.getMappers(i);
            Scope here = at.at("mappers", i);
            mappers.add(new LocalReplies.Mapper(
                    AccessLogParser.filter(mapper.getFilter(), here.at("filter")),
                    (int) (mapper.hasStatusCode()
                            ? Fields.uint32(true, mapper.getStatusCode(), 0, 200, 599, here.at("status_code")) : 0),
                    mapper.hasBody() ? Fields.data(mapper.getBody(), here.at("body")).toUtf8() : null,
                    mapper.hasBodyFormatOverride()
                            ? AccessLogParser.format(mapper.getBodyFormatOverride(), here.at("body_format_override")) : null,
                    HeaderMutationParser.appends(mapper.getHeadersToAddList(), "headers_to_add", here)));
        }
        return new LocalReplies(
                List.copyOf(mappers),
                message.hasBodyFormat() ? AccessLogParser.format(message.getBodyFormat(), at.at("body_format")) : null);
    }
}
