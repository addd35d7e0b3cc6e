package dev.outrider.xds.ads;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.pem.PrivateKeyPem;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** TLS towards a control plane: chain validation plus subject alternative names, as UpstreamTlsContext says. Files are read at each dial. */
final class ClientTls {

    /** Netty passes the key through a store in memory: PKCS12, the default, would derive a key from the password ten thousand times for it. */
    private static final String KEY_STORE = "JKS";

    private ClientTls() {}

    /** {@code secrets} answers for secrets that the socket names. */
    static SslContext context(TransportSocket.UpstreamTls socket, Function<String, @Nullable Secret> secrets)
            throws IOException, GeneralSecurityException {
        SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient());
        Secret.Certificate certificate = certificate(socket.common(), secrets);
        if (certificate != null) {
            List<X509Certificate> chain = new ArrayList<>();
            CertificateFactory.getInstance("X.509")
                    .generateCertificates(stream(fresh(certificate.chainPem(), certificate.chainPath())))
                    .forEach(one -> chain.add((X509Certificate) one));
            builder.keyManager(PrivateKeyPem.read(fresh(certificate.keyPem(), certificate.keyPath()).toArray()), chain.toArray(X509Certificate[]::new))
                    .keyStoreType(KEY_STORE);
        }
        builder.trustManager(trust(validations(socket.common(), secrets)));
        return builder.build();
    }

    private static Secret.@Nullable Certificate certificate(
            TransportSocket.TlsContext tls, Function<String, @Nullable Secret> secrets) throws GeneralSecurityException {
        if (!tls.certificates().isEmpty()) {
            return tls.certificates().getFirst();
        }
        if (tls.certificateSecrets().isEmpty()) {
            return null;
        }
        String name = tls.certificateSecrets().getFirst().name();
        if (secrets.apply(name) instanceof Secret.Certificate found) {
            return found;
        }
        throw new GeneralSecurityException("secret '" + name + "' is not there");
    }

    /** The names of the default context count together with the trust of the secret. */
    private static List<Secret.Validation> validations(
            TransportSocket.TlsContext tls, Function<String, @Nullable Secret> secrets) throws GeneralSecurityException {
        Secret.Validation own = tls.validation();
        if (tls.validationSecret() == null) {
            return own == null ? List.of() : List.of(own);
        }
        String name = tls.validationSecret().name();
        if (secrets.apply(name) instanceof Secret.Validation found) {
            return own == null ? List.of(found) : List.of(found, own);
        }
        throw new GeneralSecurityException("secret '" + name + "' is not there");
    }

    private static TrustManager trust(List<Secret.Validation> validations) throws IOException, GeneralSecurityException {
        KeyStore store = null;
        for (Secret.Validation validation : validations) {
            Bytes pem = fresh(validation.trustedCaPem(), validation.trustedCaPath());
            if (pem.length() > 0 && store == null) {
                store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                int i = 0;
                for (var root : CertificateFactory.getInstance("X.509").generateCertificates(stream(pem))) {
                    store.setCertificateEntry("root" + i++, root);
                }
            }
        }
        boolean system = validations.stream().anyMatch(Secret.Validation::systemRoots);
        if (store == null && !system) {
            throw new GeneralSecurityException("the cluster's validation_context has no trusted_ca");
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager chain) {
                return new ByName(chain, validations.stream().flatMap(v -> v.sans().stream()).toList());
            }
        }
        throw new GeneralSecurityException("the JDK has no X.509 trust manager");
    }

    private static Bytes fresh(Bytes read, @Nullable String path) throws IOException {
        return path == null ? read : Bytes.wrap(Files.readAllBytes(Path.of(path)));
    }

    private static InputStream stream(Bytes bytes) {
        return new ByteArrayInputStream(bytes.toArray());
    }

    /** Not the host name that was dialled but the configured names decide; without any, the chain alone. */
    private static final class ByName extends X509ExtendedTrustManager {

        private final X509TrustManager chain;
        private final List<Secret.San> sans;

        ByName(X509TrustManager chain, List<Secret.San> sans) {
            this.chain = chain;
            this.sans = sans;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type) throws CertificateException {
            chain.checkServerTrusted(certificates, type);
            if (!sans.isEmpty() && !matches(certificates[0])) {
                throw new CertificateException("no subject alternative name of the control plane is among " + sans);
            }
        }

        private boolean matches(X509Certificate leaf) throws CertificateException {
            Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            if (names == null) {
                return false;
            }
            for (List<?> name : names) {
                if (name.get(0) instanceof Integer kind && name.get(1) instanceof String text
                        && sans.stream().anyMatch(san -> ofKind(san.type(), kind) && san.matcher().matches(text))) {
                    return true;
                }
            }
            return false;
        }

        /** Numbers of RFC 5280, GeneralName. */
        private static boolean ofKind(Secret.San.Type type, int kind) {
            return switch (type) {
                case ANY -> true;
                case EMAIL -> kind == 1;
                case DNS -> kind == 2;
                case URI -> kind == 6;
                case IP -> kind == 7;
            };
        }

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type, Socket socket) throws CertificateException {
            checkServerTrusted(certificates, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type, SSLEngine engine) throws CertificateException {
            checkServerTrusted(certificates, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type, Socket socket) throws CertificateException {
            checkClientTrusted(certificates, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type, SSLEngine engine) throws CertificateException {
            checkClientTrusted(certificates, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return chain.getAcceptedIssuers();
        }
    }
}
