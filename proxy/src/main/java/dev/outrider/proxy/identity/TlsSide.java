package dev.outrider.proxy.identity;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket.TlsContext;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The BoringSSL contexts of one compiled TLS configuration, rebuilt when one of its secrets changed: connections that stand keep theirs, new
 * handshakes take the new one, and nothing resumes across the change. Any thread.
 */
public final class TlsSide {

    /** TLS 1.3's own, and forward-secret AEAD ones of 1.2: Istio's two without forward secrecy are left out on purpose. */
    private static final List<String> TLS13 = List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    private static final List<String> TLS12 = List.of(
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305");
    /** Netty takes session resumption and SNI from the engine's peer; the port only keys the session cache. */
    private static final int ANY_PORT = 0;
    /**
     * A context's sessions are those of one name, a server gives two a handshake and resuming takes one: Netty's 20,480 would be 20 MB of tickets that
     * nobody takes. The server side keeps none, its tickets are with the clients.
     */
    private static final int CLIENT_SESSIONS = 64;
    private static final PeerReader READER = new PeerReader();

    /** Netty passes the key through a store in memory: PKCS12, the default, would derive a key from the password ten thousand times for it. */
    private static final String KEY_STORE = "JKS";

    /** A certificate or trust bundle that is needed is not there, or cannot be used. The message names it. */
    public static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String message, @Nullable Throwable cause) {
            super(message, cause, false, false);
        }
    }

    private static final Cleaner CLEANER = Cleaner.create();

    /**
     * What one state of the secrets made. Its native contexts are released when nothing refers to it any more: with a new state, or with the
     * configuration itself, whichever loop still makes a handler from it.
     */
    private static final class Built {
        final Secret.@Nullable Certificate certificate;
        final Secret.@Nullable Validation trust;
        final @Nullable KeyPairFiles keys;
        final @Nullable PeerVerifier verifier;
        final Map<List<String>, SslContext> contexts;

        Built(Secret.@Nullable Certificate certificate, Secret.@Nullable Validation trust) throws GeneralSecurityException {
            this.certificate = certificate;
            this.trust = trust;
            keys = certificate == null ? null : KeyPairFiles.of(certificate);
            verifier = trust == null ? null : new PeerVerifier(trust);
            Map<List<String>, SslContext> owned = new ConcurrentHashMap<>();
            contexts = owned;
            CLEANER.register(this, () -> owned.values().forEach(ReferenceCountUtil::release));
        }
    }

    private final TlsContext config;
    private final boolean server;
    private final boolean requireClientCertificate;
    private final int sessions;
    private final SecretStore secrets;
    private volatile @Nullable Built built;

    private TlsSide(TlsContext config, boolean server, boolean requireClientCertificate, int sessions, SecretStore secrets) {
        this.config = config;
        this.server = server;
        this.requireClientCertificate = requireClientCertificate;
        this.sessions = sessions;
        this.secrets = secrets;
    }

    public static TlsSide server(TlsContext config, boolean requireClientCertificate, SecretStore secrets) {
        return new TlsSide(config, true, requireClientCertificate, 0, secrets);
    }

    /** {@code sessions}: how many are kept to be resumed, 0 = none, null = as many as are of use. */
    public static TlsSide client(TlsContext config, @Nullable Integer sessions, SecretStore secrets) {
        return new TlsSide(config, false, false, sessions == null ? CLIENT_SESSIONS : sessions, secrets);
    }

    public List<String> alpn() {
        return config.alpnProtocols();
    }

    /**
     * A handler of the newest state.
     *
     * @param alpn {@link #alpn()} or an override of it
     * @param sni of a client, "" = none
     */
    public SslHandler handler(ByteBufAllocator allocator, List<String> alpn, String sni) throws Unusable {
        Built now = current();
        try {
            SslContext context = context(now, alpn);
            if (sni.isEmpty()) {
                return context.newHandler(allocator);
            }
            SslHandler handler = context.newHandler(allocator, sni, ANY_PORT);
            if (handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
                // Netty leaves out names that are not strictly host names; Istio's (outbound_.9080_._.host) are what gateways route by.
                SSL.setTlsExtHostName(engine.sslPointer(), sni);
            }
            return handler;
        } finally {
            // The engine keeps the context; until it does, we do.
            Reference.reachabilityFence(now);
        }
    }

    private SslContext context(Built now, List<String> alpn) throws Unusable {
        SslContext context = now.contexts.get(alpn);
        if (context == null) {
            synchronized (this) {
                context = now.contexts.get(alpn);
                if (context == null) {
                    context = build(now, alpn);
                    now.contexts.put(List.copyOf(alpn), context);
                }
            }
        }
        return context;
    }

    /** Whether everything needed is there; else says what is missing. */
    public @Nullable String missing() {
        try {
            current();
            return null;
        } catch (Unusable e) {
            return e.getMessage();
        }
    }

    /** Reads a finished handshake of a handler made from one of the contexts. */
    public TlsPeer peer(SslHandler handler) {
        Built now = built;
        String alpn = handler.applicationProtocol();
        X509Certificate[] local = now == null || now.keys == null ? new X509Certificate[0] : now.keys.chainArray();
        boolean verifies = now != null && now.verifier != null && now.verifier.verifies();
        return READER.read(handler.engine(), alpn == null ? "" : alpn, verifies, local);
    }

    /** Whether a finished handshake took up an earlier session, of whichever side. */
    public static boolean resumed(SslHandler handler) {
        if (!(handler.engine() instanceof ReferenceCountedOpenSslEngine engine)) {
            return false;
        }
        synchronized (engine) {
            long ssl = engine.sslPointer();
            return ssl != 0 && SSL.isSessionReused(ssl);
        }
    }

    private Built current() throws Unusable {
        Secret.Certificate certificate = certificate();
        Secret.Validation trust = trust();
        Built now = built;
        if (now != null && now.certificate == certificate && same(now.trust, trust)) {
            return now;
        }
        synchronized (this) {
            now = built;
            if (now != null && now.certificate == certificate && same(now.trust, trust)) {
                return now;
            }
            try {
                Built fresh = new Built(certificate, trust);
                built = fresh;
                return fresh;
            } catch (GeneralSecurityException e) {
                if (now != null) {
                    return now;
                }
                throw new Unusable("TLS context: " + e.getMessage(), e);
            }
        }
    }

    private static boolean same(Secret.@Nullable Validation a, Secret.@Nullable Validation b) {
        return a == b || (a != null && a.equals(b));
    }

    private Secret.@Nullable Certificate certificate() throws Unusable {
        if (!config.certificates().isEmpty()) {
            return config.certificates().getFirst();
        }
        if (config.certificateSecrets().isEmpty()) {
            return null;
        }
        String name = config.certificateSecrets().getFirst().name();
        if (secrets.get(name) instanceof Secret.Certificate certificate) {
            return certificate;
        }
        throw new Unusable("secret '" + name + "' (certificate) has not arrived", null);
    }

    private Secret.@Nullable Validation trust() throws Unusable {
        Secret.Validation own = config.validation();
        if (config.validationSecret() == null) {
            return own;
        }
        String name = config.validationSecret().name();
        if (!(secrets.get(name) instanceof Secret.Validation shared)) {
            throw new Unusable("secret '" + name + "' (trust bundle) has not arrived", null);
        }
        if (own == null) {
            return shared;
        }
        List<Secret.San> sans = new ArrayList<>(own.sans());
        sans.addAll(shared.sans());
        Bytes crl = shared.crlPem().length() > 0 ? shared.crlPem() : own.crlPem();
        return new Secret.Validation(shared.trustedCaPem(), shared.trustedCaPath(), sans, crl, own.spki(), own.certificateHashes(),
                shared.systemRoots() || own.systemRoots(), own.acceptUntrusted() || shared.acceptUntrusted());
    }

    private SslContext build(Built now, List<String> alpn) throws Unusable {
        try {
            KeyPairFiles keys = now.keys;
            SslContextBuilder builder;
            if (server) {
                if (keys == null) {
                    throw new Unusable("a TLS server needs a certificate", null);
                }
                builder = SslContextBuilder.forServer(keys.key(), keys.chainArray());
                builder.clientAuth(requireClientCertificate ? ClientAuth.REQUIRE : now.verifier == null ? ClientAuth.NONE : ClientAuth.OPTIONAL);
            } else {
                builder = SslContextBuilder.forClient().endpointIdentificationAlgorithm(null).sessionCacheSize(sessions);
                if (keys != null) {
                    builder.keyManager(keys.key(), keys.chainArray());
                }
            }
            builder.keyStoreType(KEY_STORE).sslProvider(SslProvider.OPENSSL_REFCNT).protocols(protocols()).ciphers(ciphers(), IdentityCipherSuiteFilter.INSTANCE);
            builder.trustManager(now.verifier == null ? new PeerVerifier(anyPeer()) : now.verifier);
            if (!alpn.isEmpty()) {
                builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        alpn));
            }
            if (!config.curves().isEmpty()) {
                builder.option(OpenSslContextOption.GROUPS, config.curves().toArray(String[]::new));
            }
            SslContext context = builder.build();
            if (!server && sessions == 0 && context.sessionContext() instanceof OpenSslSessionContext none) {
                none.setSessionCacheEnabled(false);
            }
            return context;
        } catch (SSLException | GeneralSecurityException | IllegalArgumentException e) {
            throw new Unusable("TLS context: " + e.getMessage(), e);
        }
    }

    private static Secret.Validation anyPeer() {
        return new Secret.Validation(Bytes.EMPTY, null, List.of(), Bytes.EMPTY, List.of(), List.of(), false, true);
    }

    private List<String> protocols() {
        boolean from13 = config.minVersion().equals("TLSv1.3");
        boolean to12 = config.maxVersion().equals("TLSv1.2");
        return from13 ? List.of("TLSv1.3") : to12 ? List.of("TLSv1.2") : List.of("TLSv1.3", "TLSv1.2");
    }

    private List<String> ciphers() {
        List<String> all = new ArrayList<>(TLS13);
        List<String> asked = config.cipherSuites().stream().filter(TLS12::contains).toList();
        all.addAll(asked.isEmpty() ? TLS12 : asked);
        return all;
    }
}
