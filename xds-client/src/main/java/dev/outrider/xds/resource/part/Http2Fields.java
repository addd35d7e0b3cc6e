package dev.outrider.xds.resource.part;

import dev.outrider.xds.proto.envoy.config.core.v3.Http2ProtocolOptions;

/** The limits of envoy.config.core.v3.Http2ProtocolOptions with Envoy's defaults since its safe_http2_options. Pure. */
public final class Http2Fields {

    private static final long MAX = 0x7fff_ffffL;
    private static final long DEFAULT_STREAMS = 1024;
    private static final long DEFAULT_STREAM_WINDOW = 16 << 20;
    private static final long DEFAULT_CONNECTION_WINDOW = 24 << 20;
    private static final long MIN_WINDOW = 65_535;

    private Http2Fields() {}

    public static long maxConcurrentStreams(Http2ProtocolOptions options, Scope at) {
        return Fields.uint32(
                options.hasMaxConcurrentStreams(), options.getMaxConcurrentStreams(), DEFAULT_STREAMS, 1, MAX,
                at.at("http2_protocol_options").at("max_concurrent_streams"));
    }

    public static long streamWindow(Http2ProtocolOptions options, Scope at) {
        return Fields.uint32(
                options.hasInitialStreamWindowSize(), options.getInitialStreamWindowSize(), DEFAULT_STREAM_WINDOW, MIN_WINDOW, MAX,
                at.at("http2_protocol_options").at("initial_stream_window_size"));
    }

    public static long connectionWindow(Http2ProtocolOptions options, Scope at) {
        return Fields.uint32(
                options.hasInitialConnectionWindowSize(), options.getInitialConnectionWindowSize(), DEFAULT_CONNECTION_WINDOW,
                MIN_WINDOW, MAX, at.at("http2_protocol_options").at("initial_connection_window_size"));
    }
}
