package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import dev.outrider.proxy.identity.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The way to the control plane: name, connection, certificate, clock. */
final class ControlPlaneCheck implements Check {

    private static final String NAME = "control plane";

    private final ControlPlaneAddress address = new ControlPlaneAddress();

    @Override
    public List<Finding> look(Machine machine) {
        ControlPlaneAddress.At at = address.of(machine);
        List<Finding> all = new ArrayList<>();
        if (at.failure().isEmpty()) {
            reach(machine, at, all);
        } else {
            all.add(Finding.error(NAME, at.failure(), "set controlPlane.address"));
        }
        return all;
    }

    private static void reach(Machine machine, ControlPlaneAddress.At at, List<Finding> all) {
        if (machine.resolve(at.host()).isEmpty()) {
            all.add(Finding.error(NAME, "the name " + at.host() + " has no address",
                    "give the gateway's: outrider join --gateway IP, dns.records, or a line '<gateway IP> " + at.host() + "' in /etc/hosts"));
            return;
        }
        Machine.Dialled dialled = machine.dial(at.host(), at.port(), at.host());
        if (!dialled.connected()) {
            String remedy = switch (dialled.failure()) {
                case "refused" -> "something answers there but not on this port: is " + at.port() + " exposed by the mesh's gateway?";
                case "timed out" -> "a firewall on the way drops it: open " + at.port() + " from this machine to the gateway";
                default -> "check the route to it: ip route get " + machine.resolve(at.host()).getFirst();
            };
            all.add(Finding.error(NAME, at.host() + ":" + at.port() + ": " + dialled.failure(), remedy));
            return;
        }
        if (dialled.chain().isEmpty()) {
            all.add(Finding.error(NAME, at.host() + ":" + at.port() + " does not speak TLS: " + dialled.failure(),
                    "the control plane's secure port is 15012; 15010 is plaintext and not served"));
            return;
        }
        certificate(machine, at, dialled.chain(), all);
        if (all.isEmpty()) {
            all.add(Finding.ok(NAME, at.host() + ":" + at.port() + " answers with a certificate of this mesh"));
        }
    }

    private static void certificate(Machine machine, ControlPlaneAddress.At at, List<X509Certificate> chain, List<Finding> all) {
        X509Certificate leaf = chain.getFirst();
        Instant now = machine.now();
        Instant from = leaf.getNotBefore().toInstant();
        if (now.isBefore(from)) {
            all.add(Finding.error(NAME, "this machine's clock is at least " + minutes(Duration.between(now, from)) + " behind: the control plane's certificate begins at " + from, "timedatectl set-ntp true"));
        } else if (now.isAfter(leaf.getNotAfter().toInstant())) {
            all.add(Finding.error(NAME, "the control plane's certificate expired at " + leaf.getNotAfter().toInstant() + "; this machine's clock says " + now, "set the clock; if it is right, the mesh has to renew"));
        }
        try {
            List<X509Certificate> roots = Pem.certificates(Files.readAllBytes(machine.file(machine.setting("certificates.directory") + "/root-cert.pem")));
            if (!CertificateFilesCheck.signed(chain, roots)) {
                all.add(Finding.error(NAME, "its certificate (" + leaf.getIssuerX500Principal() + ") is not of the mesh whose root-cert.pem is here",
                        "fetch root-cert.pem anew, or correct the gateway's address: this may be another cluster"));
            }
        } catch (IOException | GeneralSecurityException e) {
            // The files' own check has said it.
            return;
        }
        List<String> names = names(leaf);
        if (at.names().stream().noneMatch(names::contains)) {
            all.add(Finding.error(NAME, "its certificate is for " + names + ", and one of " + at.names() + " is expected", "set controlPlane.names (PILOT_SAN) to one of the former"));
        }
    }

    private static String minutes(Duration duration) {
        return Math.max(1, duration.toMinutes()) + " min";
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            return all == null ? List.of() : all.stream().map(name -> String.valueOf(name.get(1))).toList();
        } catch (CertificateParsingException e) {
            return List.of();
        }
    }
}
