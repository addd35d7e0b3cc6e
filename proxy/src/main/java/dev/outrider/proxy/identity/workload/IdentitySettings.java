package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.ca.CaSettings;
import dev.outrider.proxy.identity.credential.TokenSource;
import dev.outrider.proxy.identity.files.CertificateFolder;
import dev.outrider.proxy.identity.files.FileModes;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where this machine's identity comes from and goes to.
 *
 * @param folder with the certificate to start with and to watch, null = none
 * @param roots file with the mesh's roots, null = only those that the CA hands out
 * @param crl file with revocation lists, null = none; it need not exist
 * @param ca null = the files are all there is
 * @param tokens bearer tokens for the CA and the control plane, null = none
 * @param workloadApi socket of a SPIFFE Workload API that gives certificates, null = none; then neither files nor CA
 * @param output where what the CA signed is written, null = it stays in memory
 * @param sharing where local programs get the identity, null = nowhere
 * @param modes of keys and tokens
 * @param grace see {@link RenewalSchedule}
 * @param jitter see {@link RenewalSchedule}
 */
public record IdentitySettings(
        @Nullable CertificateFolder folder,
        @Nullable Path roots,
        @Nullable Path crl,
        @Nullable CaSettings ca,
        @Nullable TokenSource tokens,
        @Nullable Path workloadApi,
        @Nullable CertificateFolder output,
        @Nullable Sharing sharing,
        FileModes modes,
        double grace,
        double jitter) {

    /**
     * An SDS socket.
     *
     * @param group whose members may connect besides this user, "" = none
     */
    public record Sharing(Path socket, String group) {}
}
