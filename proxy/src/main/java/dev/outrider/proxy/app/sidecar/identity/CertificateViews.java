package dev.outrider.proxy.app.sidecar.identity;

import dev.outrider.proxy.admin.state.AdminState.CertificateView;
import dev.outrider.proxy.admin.state.AdminState.CertificateView.San;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Certificates of the secrets in force, for {@code /certs}. Pure. */
public final class CertificateViews {

    /** GeneralName tags of RFC 5280 §4.2.1.6. */
    private static final Map<Integer, String> KINDS = Map.of(2, "dns", 6, "uri", 7, "ip_address");

    private CertificateViews() {}

    public static List<CertificateView> of(Map<String, ? extends Secret> secrets) {
        List<CertificateView> all = new ArrayList<>();
        secrets.forEach((name, secret) -> {
            switch (secret) {
                case Secret.Certificate own -> add(name, false, own.chainPem(), own.chainPath(), all);
                case Secret.Validation trust -> add(name, true, trust.trustedCaPem(), trust.trustedCaPath(), all);
            }
        });
        return List.copyOf(all);
    }

    private static void add(String name, boolean authority, Bytes pem, @Nullable String path, List<CertificateView> into) {
        if (pem.length() == 0) {
            return;
        }
        try {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem.toArray()))) {
                X509Certificate x509 = (X509Certificate) certificate;
                into.add(new CertificateView(
                        name, authority, path == null ? "<inline>" : path, x509.getSerialNumber().toString(16), sans(x509),
                        x509.getNotBefore().toInstant(), x509.getNotAfter().toInstant()));
            }
        } catch (CertificateException e) {
            // Unusable: TLS contexts say so where it matters.
            return;
        }
    }

    private static List<San> sans(X509Certificate certificate) throws CertificateException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        List<San> all = new ArrayList<>();
        if (names != null) {
            for (List<?> name : names) {
                String kind = KINDS.get((Integer) name.getFirst());
                if (kind != null) {
                    all.add(new San(kind, String.valueOf(name.get(1))));
                }
            }
        }
        return all;
    }
}
