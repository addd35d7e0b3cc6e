package dev.outrider.proxy.identity.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether keys and tokens are for this user's eyes alone. The guides leave them readable by all in places that the service tightens as root before it
 * starts; anywhere else it is the operator who has to.
 *
 * @param known directories that are tightened
 * @param anyMode the operator answers for the modes
 */
public record FileModes(List<Path> known, boolean anyMode) {

    private static final Set<PosixFilePermission> OTHERS = EnumSet.complementOf(
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE));

    /** A line with the command to run, null = in order (or not to be told: reading will say so). */
    public @Nullable String fault(Path file) {
        Path parent = file.getParent();
        if (anyMode || (parent != null && known.contains(parent))) {
            return null;
        }
        try {
            Set<PosixFilePermission> modes = Files.getPosixFilePermissions(file);
            return modes.stream().noneMatch(OTHERS::contains) ? null
                    : file + " can be used by other users of this machine (" + PosixFilePermissions.toString(modes) + "): run chmod 0600 " + file
                            + ", or set OUTRIDER_ANY_FILE_MODE=true";
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }
}
