package dev.outrider.xds.resource;

import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.HttpProtocolOptions.Protocol;
import dev.outrider.xds.proto.envoy.config.core.v3.Http1ProtocolOptions;
import dev.outrider.xds.proto.envoy.config.core.v3.Http2ProtocolOptions;
import dev.outrider.xds.proto.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.Http2Fields;
import dev.outrider.xds.resource.part.Scope;

/** How a cluster speaks HTTP: envoy.extensions.upstreams.http.v3.HttpProtocolOptions, or the cluster's own older fields. Pure. */
final class ClusterHttpParser {

    private static final String TYPE = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    private static final long DEFAULT_IDLE = 3600 * 1_000_000_000L;

    private ClusterHttpParser() {}

    static Cluster.HttpProtocolOptions options(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        HttpProtocolOptions options = null;
        for (var entry : message.getTypedExtensionProtocolOptionsMap().entrySet()) {
            Scope here = at.at("typed_extension_protocol_options[" + entry.getKey() + "]");
            Any config = entry.getValue();
            Extension extension = Extension.of(entry.getKey(), config, here);
            if (extension.type().equals(TYPE)) {
                options = extension.read(HttpProtocolOptions.getDefaultInstance(), here);
                rejectFilters(options, here);
                if (options.getUpstreamProtocolOptionsCase()
                        == HttpProtocolOptions.UpstreamProtocolOptionsCase.UPSTREAMPROTOCOLOPTIONS_NOT_SET) {
                    here.reject("one of explicit_http_config, use_downstream_protocol_config and auto_config is needed");
                }
            } else {
                extension.unsupported("protocol options", here);
            }
        }
        return parse(options == null ? fromCluster(message) : options, at.at(TYPE));
    }

    /** Envoy's older fields of the cluster itself say the same. */
    private static HttpProtocolOptions fromCluster(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message) {
        var common = message.getCommonHttpProtocolOptions().toBuilder();
        if (message.hasMaxRequestsPerConnection()) {
            common.setMaxRequestsPerConnection(message.getMaxRequestsPerConnection());
        }
        HttpProtocolOptions.Builder options = HttpProtocolOptions.newBuilder()
                .setCommonHttpProtocolOptions(common)
                .setUpstreamHttpProtocolOptions(message.getUpstreamHttpProtocolOptions());
        if (message.getProtocolSelection()
                == dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster.ClusterProtocolSelection.USE_DOWNSTREAM_PROTOCOL) {
            options.setUseDownstreamProtocolConfig(HttpProtocolOptions.UseDownstreamHttpConfig.newBuilder()
                    .setHttpProtocolOptions(message.getHttpProtocolOptions())
                    .setHttp2ProtocolOptions(message.getHttp2ProtocolOptions()));
        } else if (message.hasHttp2ProtocolOptions()) {
            options.setExplicitHttpConfig(HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                    .setHttp2ProtocolOptions(message.getHttp2ProtocolOptions()));
        } else {
            options.setExplicitHttpConfig(HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                    .setHttpProtocolOptions(message.getHttpProtocolOptions()));
        }
        return options.build();
    }

    private static void rejectFilters(HttpProtocolOptions options, Scope at) {
        for (int i = 0; i < options.getHttpFiltersCount(); i++) {
            var filter = options.getHttpFilters(i);
            Scope here = at.at("http_filters", i);
            Extension extension = Extension.of(filter.getName(), filter.getTypedConfig(), here);
            if (!extension.type().equals("envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec")) {
                extension.unsupported("filter", here);
            }
        }
    }

    private static Cluster.HttpProtocolOptions parse(HttpProtocolOptions message, Scope at) {
        Http1ProtocolOptions http1;
        Http2ProtocolOptions http2;
        Protocol protocol;
        switch (message.getUpstreamProtocolOptionsCase()) {
            case USE_DOWNSTREAM_PROTOCOL_CONFIG -> {
                protocol = Protocol.DOWNSTREAM;
                http1 = message.getUseDownstreamProtocolConfig().getHttpProtocolOptions();
                http2 = message.getUseDownstreamProtocolConfig().getHttp2ProtocolOptions();
            }
            case AUTO_CONFIG -> {
                protocol = Protocol.AUTO;
                http1 = message.getAutoConfig().getHttpProtocolOptions();
                http2 = message.getAutoConfig().getHttp2ProtocolOptions();
            }
            case EXPLICIT_HTTP_CONFIG, UPSTREAMPROTOCOLOPTIONS_NOT_SET -> {
                var explicit = message.getExplicitHttpConfig();
                if (explicit.hasHttp3ProtocolOptions()) {
                    at.at("explicit_http_config").at("http3_protocol_options").reject("HTTP/3 is not supported");
                }
                protocol = explicit.hasHttp2ProtocolOptions() ? Protocol.HTTP2 : Protocol.HTTP1;
                http1 = explicit.getHttpProtocolOptions();
                http2 = explicit.getHttp2ProtocolOptions();
            }
            default -> throw new IllegalStateException("oneof without case");
        }
        var common = message.getCommonHttpProtocolOptions();
        Scope commonAt = at.at("common_http_protocol_options");
        var keepalive = http2.getConnectionKeepalive();
        return new Cluster.HttpProtocolOptions(
                protocol,
                Fields.nanos(common.hasIdleTimeout(), common.getIdleTimeout(), DEFAULT_IDLE, commonAt.at("idle_timeout")),
                Fields.uint32(common.hasMaxRequestsPerConnection(), common.getMaxRequestsPerConnection(), 0),
                Fields.nanos(common.hasMaxConnectionDuration(), common.getMaxConnectionDuration(), 0,
                        commonAt.at("max_connection_duration")),
                Fields.nanos(common.hasMaxStreamDuration(), common.getMaxStreamDuration(), 0, commonAt.at("max_stream_duration")),
                Http2Fields.maxConcurrentStreams(http2, at),
                Http2Fields.streamWindow(http2, at),
                Http2Fields.connectionWindow(http2, at),
                message.getUpstreamHttpProtocolOptions().getAutoSni(),
                message.getUpstreamHttpProtocolOptions().getAutoSanValidation(),
                preserveCase(http1, at.at("http_protocol_options")),
                http1.getEnableTrailers(),
                Fields.nanos(keepalive.hasInterval(), keepalive.getInterval(), 0, at.at("connection_keepalive").at("interval")),
                Fields.nanos(keepalive.hasTimeout(), keepalive.getTimeout(), 0, at.at("connection_keepalive").at("timeout")));
    }

    /** header_key_format with the preserve_case formatter; another formatter is refused, as it changes what is sent. */
    static boolean preserveCase(Http1ProtocolOptions http1, Scope at) {
        if (!http1.getHeaderKeyFormat().hasStatefulFormatter()) {
            return false;
        }
        var config = http1.getHeaderKeyFormat().getStatefulFormatter();
        Scope here = at.at("header_key_format").at("stateful_formatter");
        Extension formatter = Extension.of(config.getName(), config.getTypedConfig(), here);
        boolean known = formatter.type().isEmpty()
                ? formatter.name().equals("preserve_case")
                : formatter.type().equals(
                        "envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig");
        if (!known) {
            formatter.unsupported("header formatter", here);
        }
        return known;
    }
}
