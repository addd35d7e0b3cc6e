package dev.outrider.proxy.intercept.resolver;

import dev.outrider.proxy.intercept.RuleException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A file of the machine in whose place ours stands, with the original (a file with owner, times and labels, or a symbolic link) kept beside it under
 * another name. The record, in root's own directory, holds digests of what we wrote: a file that is neither that nor the original was changed by
 * somebody else, and is not overwritten while it still has a part of ours.
 */
final class ReplacedFile {
    private static final String ABSENT = "absent";
    private static final String DIRECTORY = "directory";

    private final AtomicFiles files;
    private final Path file;
    private final Path original;
    private final Path record;
    private final String mark;

    /** @param mark a line that only texts of ours have */
    ReplacedFile(AtomicFiles files, Path file, Path stateDirectory, String mark) {
        this.files = files;
        this.file = file;
        this.original = file.resolveSibling(file.getFileName() + ".before-outrider");
        this.record = stateDirectory.resolve(file.getFileName() + ".written");
        this.mark = mark;
    }

    /** What stands, or would stand, there without us: "" for no file. */
    String original() throws RuleException {
        try {
            boolean ours = isOurs() || !AtomicFiles.isThere(file);
            return text(ours ? original : file);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    boolean holds(String text) throws RuleException {
        try {
            return !Files.isSymbolicLink(file) && AtomicFiles.isThere(file) && text(file).equals(text);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Returns whether anything changed. */
    boolean replace(String text) throws RuleException {
        if (holds(text)) {
            return false;
        }
        try {
            if (!recorded().isEmpty() && !isOurs()) {
                settle();
            }
            List<String> lines = new ArrayList<>(recorded());
            if (lines.isEmpty() && !AtomicFiles.isThere(file)) {
                lines.add(ABSENT);
                if (!Files.exists(file.resolveSibling(""))) {
                    lines.add(DIRECTORY);
                }
            }
            // Before the file itself, and beside the digest of the text that is there: a kill leaves either.
            lines.add(digest(text));
            writeRecord(lines);
            Files.createDirectories(file.resolveSibling(""));
            if (!lines.contains(ABSENT) && !AtomicFiles.isThere(original)) {
                files.keep(file, original);
            }
            files.write(file, text);
            lines.removeIf(line -> !line.equals(ABSENT) && !line.equals(DIRECTORY));
            lines.add(digest(text));
            writeRecord(lines);
            return true;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Returns whether anything changed. */
    boolean restore() throws RuleException {
        try {
            files.delete(AtomicFiles.unfinished(record));
            files.delete(AtomicFiles.unfinished(file));
            List<String> lines = recorded();
            if (lines.isEmpty()) {
                return false;
            }
            if (isOurs()) {
                if (AtomicFiles.isThere(original)) {
                    files.move(original, file);
                } else {
                    files.delete(file);
                }
            } else {
                settle();
            }
            if (lines.contains(DIRECTORY) && isEmptyDirectory(file.resolveSibling(""))) {
                files.delete(file.resolveSibling(""));
            }
            files.delete(record);
            return true;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** The file is not ours (any more): forgets that it was, unless somebody changed a text of ours. */
    private void settle() throws IOException, RuleException {
        if (!AtomicFiles.isThere(file)) {
            if (AtomicFiles.isThere(original)) {
                files.move(original, file);
            }
        } else if (text(file).contains(mark)) {
            throw new RuleException(file + " was changed since Outrider wrote it: put your changes into " + original + ", move that to " + file + " and repeat");
        } else {
            // The original itself, or what a DHCP client or an operator wrote anew in its place.
            files.delete(original);
        }
        files.delete(record);
    }

    private boolean isOurs() throws IOException {
        return AtomicFiles.isThere(file) && !Files.isSymbolicLink(file) && recorded().contains(digest(text(file)));
    }

    private List<String> recorded() throws IOException {
        if (AtomicFiles.isThere(record) && !Files.getOwner(record, LinkOption.NOFOLLOW_LINKS).getName().equals(System.getProperty("user.name"))) {
            throw new IOException("belongs to another user");
        }
        return text(record).lines().toList();
    }

    private void writeRecord(List<String> lines) throws IOException {
        Path directory = record.resolveSibling("");
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        files.write(record, String.join("\n", lines) + "\n");
    }

    private static boolean isEmptyDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (var entries = Files.list(directory)) {
            return entries.findAny().isEmpty();
        }
    }

    private static String text(Path path) throws IOException {
        try {
            return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    private static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private RuleException failed(IOException e) {
        return new RuleException(file + " (recorded in " + record + ") cannot be read or changed: " + e.getMessage());
    }
}
