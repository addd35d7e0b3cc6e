package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keys and tokens that others can read, and files that the service user cannot. */
final class FileModesCheck implements Check {

    private static final String NAME = "modes";
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ, PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE);

    @Override
    public List<Finding> look(Machine machine) {
        List<Finding> all = new ArrayList<>();
        String user = machine.setting("interception.user");
        String directory = machine.setting("certificates.directory");
        for (String secret : List.of(directory + "/key.pem", TokenCheck.TOKEN)) {
            Path file = machine.file(secret);
            PosixFileAttributes attributes = attributes(file);
            if (attributes == null) {
                continue;
            }
            if (attributes.permissions().stream().anyMatch(OTHERS::contains)) {
                all.add(Finding.warning(NAME, file + " can be read by others than its owner", "chmod 600 " + file));
            }
            if (!attributes.owner().getName().equals(user) && !attributes.permissions().contains(PosixFilePermission.OTHERS_READ)) {
                all.add(Finding.error(NAME, file + " belongs to " + attributes.owner().getName() + " and cannot be read by " + user, "chown " + user + " " + file));
            }
        }
        Path clusterEnv = machine.places().clusterEnv();
        PosixFileAttributes attributes = attributes(clusterEnv);
        if (attributes != null && attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
            all.add(Finding.error(NAME, clusterEnv + " can be written by everyone", "chmod 644 " + clusterEnv));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, "keys and tokens are their owner's alone")) : all;
    }

    private static @Nullable PosixFileAttributes attributes(Path file) {
        try {
            return Files.exists(file) ? Files.readAttributes(file, PosixFileAttributes.class) : null;
        } catch (IOException e) {
            return null;
        }
    }
}
