package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.ca.CaSettings;
import dev.outrider.proxy.identity.files.CertificateFolder;
import dev.outrider.proxy.identity.files.FileModes;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where this machine's identity comes from and goes to.
 *
 * @param folder with the certificate to start with and to watch, null = none
 * @param roots file with the mesh's roots, null = only those that the CA hands out
 * @param crl file with revocation lists, null = none; it need not exist
 * @param ca null = the files are all there is
 * @param tokens files of which the first that exists holds the bearer token
 * @param output where what the CA signed is written, null = it stays in memory
 * @param modes of keys and tokens
 * @param grace see {@link RenewalSchedule}
 * @param jitter see {@link RenewalSchedule}
 */
public record IdentitySettings(
        @Nullable CertificateFolder folder,
        @Nullable Path roots,
        @Nullable Path crl,
        @Nullable CaSettings ca,
        List<Path> tokens,
        @Nullable CertificateFolder output,
        FileModes modes,
        double grace,
        double jitter) {}
