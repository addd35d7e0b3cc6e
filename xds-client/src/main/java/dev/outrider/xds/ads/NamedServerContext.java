package dev.outrider.xds.ads;

import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * A client's TLS context that names the server (SNI) whatever the name looks like. Netty by itself leaves out names without a dot, such as the
 * {@code istio-citadel} of Istio's mesh-expansion guide, and a gateway that routes by name then has no route. Any thread.
 */
public final class NamedServerContext extends DelegatingSslContext {

    private final String name;

    public NamedServerContext(SslContext context, String name) {
        super(context);
        // RFC 6066 §3: without the dot of a full name.
        this.name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    @Override
    protected void initEngine(SSLEngine engine) {
        SSLParameters parameters = engine.getSSLParameters();
        // From bytes: as a text it would have to be a strict host name, which Istio's (outbound_.15012_._.host) are not.
        parameters.setServerNames(List.of(new SNIHostName(name.getBytes(StandardCharsets.UTF_8))));
        engine.setSSLParameters(parameters);
    }
}
