package dev.outrider.proxy.join;

import dev.outrider.proxy.identity.Pem;
import dev.outrider.proxy.machine.setting.EnvFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a bundle can make this machine a member of the mesh, before anything is touched. */
final class BundleCheck {

    /** One line of the report; {@code text} says what was found, or what to do. */
    record Finding(boolean good, String text) {}

    private static final Pattern EXPIRY = Pattern.compile("\"exp\"\\s*:\\s*([0-9]{1,12})");

    private final Bundle bundle;
    private final Instant now;
    private final List<Finding> findings = new ArrayList<>();

    private BundleCheck(Bundle bundle, Instant now) {
        this.bundle = bundle;
        this.now = now;
    }

    static List<Finding> of(Bundle bundle, Instant now) throws IOException {
        var check = new BundleCheck(bundle, now);
        check.environment();
        check.root();
        check.credential();
        return check.findings;
    }

    private void good(String text) {
        findings.add(new Finding(true, text));
    }

    private void bad(String text) {
        findings.add(new Finding(false, text));
    }

    private void environment() throws IOException {
        byte[] bytes = bundle.file("cluster.env");
        if (bytes == null) {
            bad("cluster.env is missing: make it with istioctl x workload entry configure, or as the mesh-expansion guide says");
            return;
        }
        Path copy = Files.createTempFile("cluster", ".env");
        try {
            Files.write(copy, bytes);
            EnvFile env = EnvFile.read(copy);
            env.errors().forEach(e -> bad(e.replace(copy.toString(), "cluster.env")));
            if (env.errors().isEmpty()) {
                good("cluster.env: " + env.values().size() + " settings");
            }
        } finally {
            Files.delete(copy);
        }
    }

    private void root() {
        byte[] bytes = bundle.file("root-cert.pem");
        if (bytes == null) {
            bad("root-cert.pem is missing: without the mesh's root no peer can be verified");
            return;
        }
        try {
            for (X509Certificate root : Pem.certificates(bytes)) {
                validity("root-cert.pem", root);
            }
        } catch (GeneralSecurityException e) {
            bad("root-cert.pem: " + e.getMessage());
        }
    }

    private void credential() {
        byte[] token = bundle.file("istio-token");
        byte[] chain = bundle.file("cert-chain.pem");
        byte[] key = bundle.file("key.pem");
        if (token != null) {
            token(new String(token, StandardCharsets.UTF_8).strip());
        }
        if (chain != null && key != null) {
            pair(chain, key);
        } else if (chain != null || key != null) {
            bad((chain == null ? "cert-chain.pem" : "key.pem") + " is missing: the two belong together");
        } else if (token == null) {
            bad("neither istio-token nor cert-chain.pem with key.pem: the mesh CA would not know this machine");
        }
    }

    private void token(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length != 3) {
            bad("istio-token is no JSON web token: copy it anew");
            return;
        }
        try {
            Matcher expiry = EXPIRY.matcher(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
            if (!expiry.find()) {
                good("istio-token: does not expire");
            } else {
                Instant until = Instant.ofEpochSecond(Long.parseLong(expiry.group(1)));
                if (until.isAfter(now)) {
                    good("istio-token: valid until " + until);
                } else {
                    bad("istio-token expired " + until + " (this machine's clock says " + now + "): make a new bundle, or set the clock");
                }
            }
        } catch (IllegalArgumentException e) {
            bad("istio-token is no JSON web token: " + e.getMessage());
        }
    }

    private void pair(byte[] chain, byte[] key) {
        try {
            X509Certificate own = Pem.certificates(chain).getFirst();
            validity("cert-chain.pem", own);
            if (!matches(own, Pem.key(key))) {
                bad("key.pem is not the key of cert-chain.pem: copy both from the same place");
            }
        } catch (GeneralSecurityException e) {
            bad("cert-chain.pem or key.pem: " + e.getMessage());
        }
    }

    private static boolean matches(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        String algorithm = key.getAlgorithm().toUpperCase(Locale.ROOT).startsWith("EC") ? "SHA256withECDSA" : "SHA256with" + key.getAlgorithm();
        byte[] probe = {1, 2, 3};
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(probe);
        byte[] signed = signer.sign();
        Signature verifier = Signature.getInstance(algorithm);
        try {
            verifier.initVerify(certificate.getPublicKey());
            verifier.update(probe);
            return verifier.verify(signed);
        } catch (GeneralSecurityException otherKind) {
            return false;
        }
    }

    private void validity(String file, X509Certificate certificate) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            bad(file + ": valid from " + from + ", and this machine's clock says " + now + ": set the clock");
        } else if (!now.isBefore(until)) {
            bad(file + ": expired " + until + " (this machine's clock says " + now + "): make a new bundle, or set the clock");
        } else {
            good(file + ": valid until " + until);
        }
    }
}
