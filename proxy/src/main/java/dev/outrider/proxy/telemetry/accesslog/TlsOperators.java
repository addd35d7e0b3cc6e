package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.connection.TlsPeer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Operators over the certificates and sessions of both sides. */
final class TlsOperators {

    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.000'Z'").withZone(ZoneOffset.UTC);

    private TlsOperators() {}

    static void register(Map<String, OperatorCatalog.Factory> all) {
        side(all, "DOWNSTREAM", c -> c.info.connection.tls());
        side(all, "UPSTREAM", c -> c.info.upstreamTls);
    }

    @FunctionalInterface
    private interface Side {
        @Nullable TlsPeer of(LogContext context);
    }

    private static void side(Map<String, OperatorCatalog.Factory> all, String side, Side peer) {
        put(all, side + "_PEER_URI_SAN", peer, p -> joined(p.uriSans()));
        put(all, side + "_PEER_DNS_SAN", peer, p -> joined(p.dnsSans()));
        put(all, side + "_PEER_IP_SAN", peer, p -> joined(p.ipSans()));
        put(all, side + "_PEER_SUBJECT", peer, TlsPeer::subject);
        put(all, side + "_PEER_ISSUER", peer, TlsPeer::issuer);
        put(all, side + "_PEER_SERIAL", peer, TlsPeer::serial);
        put(all, side + "_PEER_FINGERPRINT_256", peer, TlsPeer::sha256);
        put(all, side + "_PEER_FINGERPRINT_1", peer, TlsPeer::sha1);
        put(all, side + "_PEER_CERT", peer, TlsPeer::pemEncoded);
        put(all, side + "_PEER_CERT_V_START", peer, p -> time(p, p.notBeforeMillis()));
        put(all, side + "_PEER_CERT_V_END", peer, p -> time(p, p.notAfterMillis()));
        put(all, side + "_LOCAL_URI_SAN", peer, p -> joined(p.localUriSans()));
        put(all, side + "_LOCAL_DNS_SAN", peer, p -> joined(p.localDnsSans()));
        put(all, side + "_LOCAL_SUBJECT", peer, TlsPeer::localSubject);
        put(all, side + "_TLS_VERSION", peer, TlsPeer::version);
        put(all, side + "_TLS_CIPHER", peer, TlsPeer::cipher);
        put(all, side + "_TLS_SESSION_ID", peer, TlsPeer::sessionId);
    }

    private static String joined(List<String> names) {
        return names.size() == 1 ? names.getFirst() : String.join(",", names);
    }

    private static @Nullable String time(TlsPeer peer, long millis) {
        return peer.presented() ? SECONDS.format(Instant.ofEpochMilli(millis)) : null;
    }

    private static void put(Map<String, OperatorCatalog.Factory> all, String name, Side side, Function<TlsPeer, @Nullable String> value) {
        all.put(name, a -> (Operator.Text) c -> {
            TlsPeer peer = side.of(c);
            return peer == null ? null : value.apply(peer);
        });
    }
}
