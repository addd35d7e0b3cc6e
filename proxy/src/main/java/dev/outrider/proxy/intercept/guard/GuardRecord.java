package dev.outrider.proxy.intercept.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * How often the guard put the rules back since boot: what the guard writes as root, and the sidecar reads without privileges.
 *
 * @param last epoch where it never did
 */
record GuardRecord(long restored, Instant last) {

    static final GuardRecord NONE = new GuardRecord(0, Instant.EPOCH);

    /** A file that is not there, or that is none of ours, says nothing. */
    static GuardRecord read(Path file) {
        try {
            String[] lines = Files.readString(file).split("\n", -1);
            return lines.length < 2 ? NONE : new GuardRecord(Long.parseLong(lines[0].replace("restored ", "")), Instant.parse(lines[1].replace("last ", "")));
        } catch (IOException | NumberFormatException | DateTimeParseException e) {
            return NONE;
        }
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, "restored " + restored + "\nlast " + last + "\n");
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
