package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import dev.outrider.proxy.identity.Pem;
import dev.outrider.proxy.identity.files.FileModes;
import dev.outrider.proxy.machine.PortIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** root-cert.pem, cert-chain.pem and key.pem: readable, of one pair, of this mesh, of this workload, and in time; and those of single ports' identities. */
final class CertificateFilesCheck implements Check {

    private static final String NAME = "certificates";
    private static final int URI = 6;

    @Override
    public List<Finding> look(Machine machine) {
        List<Finding> all = new ArrayList<>();
        Path directory = machine.file(machine.setting("certificates.directory"));
        List<X509Certificate> roots = certificates(directory.resolve("root-cert.pem"), true, all);
        boolean provided = Files.exists(directory.resolve("cert-chain.pem"));
        List<X509Certificate> chain = certificates(directory.resolve("cert-chain.pem"), !hasToken(machine), all);
        PrivateKey key = provided ? key(directory.resolve("key.pem"), all) : null;
        roots.forEach(root -> validity(machine.now(), directory.resolve("root-cert.pem"), root, all));
        if (!chain.isEmpty()) {
            X509Certificate leaf = chain.getFirst();
            validity(machine.now(), directory.resolve("cert-chain.pem"), leaf, all);
            pair(key, leaf, directory, all);
            if (!roots.isEmpty() && !signed(chain, roots)) {
                all.add(Finding.error(NAME, directory.resolve("cert-chain.pem") + " was not issued under " + directory.resolve("root-cert.pem"),
                        "take both from the same mesh; after a change of the mesh's root, fetch root-cert.pem anew"));
            }
            identity(machine, directory.resolve("cert-chain.pem"), leaf, all);
        }
        try {
            PortIdentity.all(machine.settings()).forEach(identity -> portIdentity(machine, identity, all));
        } catch (IllegalArgumentException e) {
            all.add(Finding.error(NAME, String.valueOf(e.getMessage()), "correct that entry; 'outrider config sample' shows the form"));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, summary(chain))) : all;
    }

    private static void portIdentity(Machine machine, PortIdentity identity, List<Finding> all) {
        String effect = "; without a certificate " + identity.name() + "'s ports " + identity.inboundPorts() + " refuse TLS";
        String token = identity.token();
        if (token != null && !Files.exists(machine.file(token))) {
            all.add(Finding.error(NAME, machine.file(token) + " is missing",
                    "make it with kubectl create token " + identity.serviceAccount() + " --audience istio-ca" + effect));
        }
        if (identity.directory() == null) {
            return;
        }
        Path directory = machine.file(identity.directory());
        Path chainFile = directory.resolve("cert-chain.pem");
        if (token == null && !Files.exists(chainFile)) {
            all.add(Finding.error(NAME, chainFile + " is missing", "copy it there with its key.pem" + effect));
        }
        List<X509Certificate> chain = certificates(chainFile, false, all);
        if (!chain.isEmpty()) {
            Path keyFile = directory.resolve("key.pem");
            validity(machine.now(), chainFile, chain.getFirst(), all);
            pair(key(keyFile, all), chain.getFirst(), directory, all);
            String loose = new FileModes(List.of(), machine.setting("certificates.anyFileMode").equals("true")).fault(keyFile);
            if (loose != null) {
                all.add(Finding.error(NAME, loose, "chmod 600 " + keyFile + effect));
            }
        }
    }

    private static void pair(@Nullable PrivateKey key, X509Certificate leaf, Path directory, List<Finding> all) {
        if (key != null && !pair(key, leaf)) {
            all.add(Finding.error(NAME, directory.resolve("key.pem") + " is not the key of " + directory.resolve("cert-chain.pem"),
                    "copy both from the same secret; when a copy was cut short, copy it again"));
        }
    }

    private static boolean hasToken(Machine machine) {
        return Files.exists(machine.file(TokenCheck.TOKEN));
    }

    private static String summary(List<X509Certificate> chain) {
        return chain.isEmpty() ? "the mesh's root is here; the certificate comes from its authority"
                : spiffe(chain.getFirst()) + ", until " + chain.getFirst().getNotAfter().toInstant();
    }

    private static List<X509Certificate> certificates(Path file, boolean needed, List<Finding> all) {
        if (!Files.exists(file)) {
            if (needed) {
                all.add(Finding.error(NAME, file + " is missing", "copy it there from the mesh (for the page's guide: secret istio.default)"));
            }
            return List.of();
        }
        try {
            return Pem.certificates(Files.readAllBytes(file));
        } catch (IOException e) {
            all.add(Finding.error(NAME, file + " cannot be read: " + e.getMessage(), "run as root, or check its owner and mode"));
        } catch (GeneralSecurityException e) {
            all.add(Finding.error(NAME, file + " " + e.getMessage(), "copy it again; it should begin with -----BEGIN CERTIFICATE-----"));
        }
        return List.of();
    }

    private static @Nullable PrivateKey key(Path file, List<Finding> all) {
        try {
            return Pem.key(Files.readAllBytes(file));
        } catch (IOException e) {
            all.add(Finding.error(NAME, file + (Files.exists(file) ? " cannot be read" : " is missing"), "copy it there; it must be readable for the service user alone"));
        } catch (GeneralSecurityException e) {
            all.add(Finding.error(NAME, file + " " + e.getMessage(), "copy it again; it should begin with -----BEGIN PRIVATE KEY----- or its EC or RSA form"));
        }
        return null;
    }

    private static void validity(Instant now, Path file, X509Certificate certificate, List<Finding> all) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            all.add(Finding.error(NAME, file + " is valid from " + from + " and this machine's clock says " + now,
                    "set the clock (timedatectl set-ntp true); a clock that is right means a certificate from the future"));
        } else if (!now.isBefore(until)) {
            all.add(Finding.error(NAME, file + " expired at " + until + "; this machine's clock says " + now,
                    "fetch a new one, or give the machine a token to renew with; if the clock is wrong, set it"));
        } else if (Duration.between(now, until).multipliedBy(10).compareTo(Duration.between(from, until)) < 0) {
            all.add(Finding.warning(NAME, file + " expires at " + until, "see why it was not renewed: outrider status"));
        }
    }

    private static void identity(Machine machine, Path file, X509Certificate leaf, List<Finding> all) {
        String expected = "spiffe://" + machine.setting("workload.trustDomain") + "/ns/" + machine.setting("workload.namespace") + "/sa/"
                + machine.setting("workload.serviceAccount");
        String found = spiffe(leaf);
        if (found.isEmpty()) {
            all.add(Finding.error(NAME, file + " carries no spiffe:// name", "it is no mesh certificate; copy the one of the workload's service account"));
        } else if (!found.equals(expected)) {
            all.add(Finding.warning(NAME, file + " is for " + found + " and the settings say " + expected,
                    "set workload.namespace, workload.serviceAccount and workload.trustDomain to the certificate's, or use the other certificate"));
        }
    }

    private static String spiffe(X509Certificate leaf) {
        try {
            Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            if (names != null) {
                for (List<?> name : names) {
                    if (name.get(0).equals(URI) && String.valueOf(name.get(1)).startsWith("spiffe://")) {
                        return String.valueOf(name.get(1));
                    }
                }
            }
        } catch (GeneralSecurityException e) {
            return "";
        }
        return "";
    }

    private static boolean pair(PrivateKey key, X509Certificate leaf) {
        try {
            Signature signature = Signature.getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
            byte[] probe = leaf.getSerialNumber().toByteArray();
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(leaf.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** Each certificate by the next, the last by a root. Validity is looked at apart. */
    static boolean signed(List<X509Certificate> chain, List<X509Certificate> roots) {
        for (int i = 0; i + 1 < chain.size(); i++) {
            if (!signedBy(chain.get(i), chain.get(i + 1))) {
                return false;
            }
        }
        X509Certificate last = chain.getLast();
        return roots.stream().anyMatch(root -> root.equals(last) || signedBy(last, root));
    }

    private static boolean signedBy(X509Certificate certificate, X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
