package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.datapath.protocol.HttpEnvironment;
import dev.outrider.proxy.http1.Http1ServerCodec;
import dev.outrider.proxy.http1.Http1Settings;
import dev.outrider.proxy.http2.Http2Options;
import dev.outrider.proxy.http2.Http2ServerCodec;
import dev.outrider.xds.model.HttpConnectionManager;

/** The server codecs of a connection manager. Compiled off the loops, installed on them. */
final class HttpCodecs {

    private HttpCodecs() {}

    static HttpEnvironment.Codec compile(HttpConnectionManager model) {
        Http1Settings plain = Http1Settings.of(model, false);
        Http1Settings secured = Http1Settings.of(model, true);
        Http2Options plain2 = Http2Options.of(model, false);
        Http2Options secured2 = Http2Options.of(model, true);
        return (pipeline, http2, connection, acceptor) -> {
            boolean tls = connection.tls() != null;
            if (http2) {
                pipeline.addLast("http2", Http2ServerCodec.make(tls ? secured2 : plain2, acceptor));
            } else {
                pipeline.addLast("http1", new Http1ServerCodec(tls ? secured : plain, acceptor));
            }
        };
    }
}
