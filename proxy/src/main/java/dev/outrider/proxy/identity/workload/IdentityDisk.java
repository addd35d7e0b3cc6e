package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.Pem;
import dev.outrider.proxy.identity.credential.TokenSource;
import dev.outrider.proxy.identity.files.CertificateFolder;
import dev.outrider.proxy.identity.files.WatchedFiles;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The files of one identity, watched. What is broken is refused with one line, after a while in which the operator may still be copying, and what
 * served before serves on. Identity thread.
 */
final class IdentityDisk {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.identity");

    /** Key and chain are copied one after the other, by hand or over a slow network. */
    private static final Duration COPYING = Duration.ofSeconds(5);

    /** Null = not changed, or not usable. */
    record News(Secret.@Nullable Certificate certificate, @Nullable Trust trust, boolean tokenChanged) {}

    record Trust(List<X509Certificate> roots) {}

    private final IdentitySettings settings;
    private final Clock clock;
    private final WatchedFiles pair;
    private final WatchedFiles trust;
    private final WatchedFiles tokens;
    private Bytes crl = Bytes.EMPTY;
    private String writtenRoots = "";
    private String refused = "";
    private Instant refusedAt = Instant.MIN;
    private boolean said;

    IdentityDisk(IdentitySettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        CertificateFolder folder = settings.folder();
        pair = new WatchedFiles(folder == null ? List.of() : folder.pair());
        List<Path> trusted = new ArrayList<>();
        if (settings.roots() != null) {
            trusted.add(settings.roots());
        }
        if (settings.crl() != null) {
            trusted.add(settings.crl());
        }
        trust = new WatchedFiles(trusted);
        TokenSource source = settings.tokens();
        tokens = new WatchedFiles(source == null ? List.of() : source.files());
    }

    String where() {
        CertificateFolder folder = settings.folder();
        return folder == null ? "no files" : folder.directory().toString();
    }

    Secret.@Nullable Certificate startCertificate() {
        Secret.Certificate found = certificate();
        say(Duration.ZERO);
        return found;
    }

    @Nullable Trust startTrust() {
        Trust found = trust();
        say(Duration.ZERO);
        return found;
    }

    News look() {
        Secret.Certificate certificate = pair.changed() ? certificate() : null;
        Trust trusted = trust.changed() ? trust() : null;
        say(COPYING);
        return new News(certificate, trusted, tokens.changed());
    }

    private Secret.@Nullable Certificate certificate() {
        CertificateFolder folder = settings.folder();
        if (folder == null) {
            return null;
        }
        try {
            String loose = settings.modes().fault(folder.key());
            if (loose != null) {
                throw new GeneralSecurityException(loose);
            }
            Secret.Certificate found = folder.read();
            accepted();
            return found;
        } catch (GeneralSecurityException e) {
            refuse(String.valueOf(e.getMessage()));
            return null;
        }
    }

    private @Nullable Trust trust() {
        Path roots = settings.roots();
        try {
            Path lists = settings.crl();
            if (lists != null && Files.exists(lists)) {
                Bytes read = CertificateFolder.bytes(lists);
                Pem.crls(read.toArray());
                crl = read;
            }
            if (roots == null || !Files.exists(roots)) {
                return null;
            }
            Bytes pem = CertificateFolder.bytes(roots);
            // What we wrote ourselves holds former roots too, which must not count for ever.
            return pem.toUtf8().equals(writtenRoots) ? null : new Trust(Pem.certificates(pem.toArray()));
        } catch (GeneralSecurityException e) {
            refuse((roots == null ? "" : roots + ": ") + e.getMessage());
            return null;
        }
    }

    /** Remembers why something on disk is not taken. */
    void refuse(String line) {
        refused = line;
        refusedAt = clock.instant();
        said = false;
    }

    /** What is in force is newer than anything that was refused. */
    void accepted() {
        refused = "";
    }

    private void say(Duration after) {
        if (!refused.isEmpty() && !said && !clock.instant().isBefore(refusedAt.plus(after))) {
            said = true;
            LOG.warning(refused + "; what served before serves on");
        }
    }

    /** Why what is on disk now is not in force, once that has been said; "" = it is. */
    String refused() {
        return said ? refused : "";
    }

    void wrote(String rootsPem) {
        writtenRoots = rootsPem;
    }

    Bytes crl() {
        return crl;
    }
}
