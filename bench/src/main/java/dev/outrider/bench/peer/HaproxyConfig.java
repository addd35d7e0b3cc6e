package dev.outrider.bench.peer;

import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.Hop.Security;

/**
 * haproxy's configuration for the same work: one thread, connections to the target shared and kept, full handshakes. Its maxconn asks for twice as many
 * file descriptors, which an ordinary limit of 20,000 has to admit.
 */
final class HaproxyConfig {

    private HaproxyConfig() {}

    static String of(ProxyPlan plan, Credentials files) {
        Hop hop = plan.hop();
        boolean tcp = hop.kind() == Kind.TCP;
        String http2 = hop.kind() == Kind.GRPC ? hop.security() == Security.TOWARDS_CLIENT ? " alpn h2" : " proto h2" : "";
        String bind = hop.security() == Security.TOWARDS_CLIENT
                ? " ssl crt " + files.bundle() + " ca-file " + files.root() + " verify required no-tls-tickets" + http2
                : http2;
        String serverHttp2 = hop.kind() == Kind.GRPC ? hop.security() == Security.TOWARDS_TARGET ? " alpn h2" : " proto h2" : "";
        String server = hop.security() == Security.TOWARDS_TARGET
                ? " ssl crt " + files.bundle() + " ca-file " + files.root() + " verify required verifyhost bench.example sni str(bench.example) no-ssl-reuse"
                : "";
        return """
                global
                  nbthread 1
                  maxconn 9000
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
                  server target 127.0.0.1:%d%s%s
                """
                .formatted(tcp ? "tcp" : "http", tcp ? "option splice-auto" : "http-reuse always", hop.listenPort(), bind, hop.targetPort(), server, serverHttp2);
    }
}
