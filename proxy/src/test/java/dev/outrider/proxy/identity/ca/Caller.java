package dev.outrider.proxy.identity.ca;

import dev.outrider.proxy.identity.SanPolicy;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Who a call is from.
 *
 * @param names the URIs of the client's certificate, none where it showed none
 */
record Caller(@Nullable String authorization, @Nullable String clusterId, List<String> names) {

    private static final Context.Key<Caller> KEY = Context.key("caller");

    /** Of the call that this thread serves. */
    static Caller current() {
        return KEY.get();
    }

    static ServerInterceptor interceptor() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                var caller = new Caller(text(headers, "authorization"), text(headers, "clusterid"), uris(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
                return Contexts.interceptCall(Context.current().withValue(KEY, caller), call, headers, next);
            }
        };
    }

    private static @Nullable String text(Metadata headers, String name) {
        return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }

    private static List<String> uris(@Nullable SSLSession session) {
        try {
            return session != null && session.getPeerCertificates()[0] instanceof X509Certificate leaf
                    ? SanPolicy.texts(SanPolicy.names(leaf), SanPolicy.URI) : List.of();
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }
}
