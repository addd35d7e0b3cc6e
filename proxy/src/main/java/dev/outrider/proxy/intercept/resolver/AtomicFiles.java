package dev.outrider.proxy.intercept.resolver;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Changes of files that a kill or a power cut finds done or not begun. The seam at which tests end a command half way. */
class AtomicFiles {

    /** Replaces or creates a file that everybody may read. */
    void write(Path file, String text) throws IOException {
        Path next = unfinished(file);
        Files.deleteIfExists(next);
        try (FileChannel out = FileChannel.open(next, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                int unused = out.write(bytes);
            }
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
            out.force(true);
        }
        move(next, file);
    }

    /** Gives the file, or the symbolic link, a second name. */
    void keep(Path file, Path copy) throws IOException {
        if (Files.isSymbolicLink(file)) {
            Files.createSymbolicLink(copy, Files.readSymbolicLink(file));
        } else {
            Files.createLink(copy, file);
        }
        sync(copy);
    }

    void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(to);
    }

    void delete(Path file) throws IOException {
        if (Files.deleteIfExists(file)) {
            sync(file);
        }
    }

    /** Where a write that was killed leaves its text. */
    static Path unfinished(Path file) {
        return file.resolveSibling(file.getFileName() + ".outrider-next");
    }

    static boolean isThere(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Names are durable once their directory is. */
    private static void sync(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            try (FileChannel channel = FileChannel.open(directory)) {
                channel.force(true);
            }
        }
    }
}
