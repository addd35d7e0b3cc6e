package dev.outrider.bench.peer;

import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.Hop.Security;

/**
 * haproxy's configuration for the same work: one thread, connections to the target shared and kept, full handshakes. Its maxconn asks for two
 * and a half times as many file descriptors where it splices, which an ordinary limit of 20,000 has to admit.
 */
final class HaproxyConfig {

    private HaproxyConfig() {}

    static String of(ProxyPlan plan, Credentials files) {
        Hop hop = plan.hops().getFirst();
        boolean tcp = hop.kind() == Kind.TCP;
        return """
                global
                  nbthread 1
                  maxconn 7000
                  tune.ssl.cachesize 0
                defaults
                  mode %s
                  timeout connect 5s
                  timeout client 300s
                  timeout server 300s
                  %s
                frontend in
                  bind 127.0.0.1:%d%s
                  default_backend out
                backend out
                  server target 127.0.0.1:%d%s
                """
                .formatted(tcp ? "tcp" : "http", tcp ? "option splice-auto" : "http-reuse always",
                        hop.listenPort(), client(hop, files), hop.targetPort(), target(hop, files));
    }

    private static String client(Hop hop, Credentials files) {
        boolean tls = hop.security() == Security.TOWARDS_CLIENT;
        String http2 = hop.kind().http2FromClient() ? tls ? " alpn h2" : " proto h2" : "";
        return (tls ? " ssl crt " + files.bundle() + " ca-file " + files.root() + " verify required no-tls-tickets" : "") + http2;
    }

    private static String target(Hop hop, Credentials files) {
        boolean tls = hop.security() == Security.TOWARDS_TARGET;
        String http2 = hop.kind().http2ToTarget() ? tls ? " alpn h2" : " proto h2" : "";
        return (tls ? " ssl crt " + files.bundle() + " ca-file " + files.root()
                + " verify required verifyhost bench.example sni str(bench.example) no-ssl-reuse" : "") + http2;
    }
}
