package dev.outrider.proxy.connection;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A Unix socket's place in the file system. It appears there with its final modes, in one step, over a dead one or a predecessor's. Any thread. */
public final class SocketFile {

    private final Path place;
    private final @Nullable Object key;

    private SocketFile(Path place, @Nullable Object key) {
        this.place = place;
        this.key = key;
    }

    /** Binds the socket, and gives what listens. */
    @FunctionalInterface
    public interface Binder<T> {
        T bind(Path at) throws IOException;
    }

    public record Published<T>(SocketFile file, T server) {}

    /**
     * Has the socket bound where nobody else can reach it, then moves it to its place.
     *
     * @param group of the socket, "" = the process's own
     * @param undo ends what listens, when it could not be moved
     */
    public static <T> Published<T> publish(Path place, String mode, String group, Binder<T> binder, Consumer<T> undo) throws IOException {
        Path parent = place.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(place + " is no place for a socket");
        }
        Files.createDirectories(parent);
        Path stage = Files.createTempDirectory(parent, ".socket", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path staged = stage.resolve("s");
        try {
            T server = binder.bind(staged);
            try {
                restrict(staged, mode, group);
                Files.move(staged, place, StandardCopyOption.ATOMIC_MOVE);
                return new Published<>(new SocketFile(place, key(place)), server);
            } catch (IOException e) {
                undo.accept(server);
                throw e;
            }
        } finally {
            Files.deleteIfExists(staged);
            Files.delete(stage);
        }
    }

    private static void restrict(Path staged, String mode, String group) throws IOException {
        Files.setPosixFilePermissions(staged, PosixFilePermissions.fromString(mode));
        if (!group.isEmpty()) {
            Files.getFileAttributeView(staged, PosixFileAttributeView.class)
                    .setGroup(staged.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
        }
    }

    /** Whether somebody listens there. */
    public static boolean alive(Path place) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(place));
        } catch (IOException e) {
            return false;
        }
    }

    private static @Nullable Object key(Path place) throws IOException {
        return Files.readAttributes(place, BasicFileAttributes.class).fileKey();
    }

    /** Removes it, unless the place is a successor's by now. */
    public void remove() throws IOException {
        try {
            Object now = key(place);
            if (now != null && now.equals(key)) {
                Files.delete(place);
            }
        } catch (NoSuchFileException e) {
            return;
        }
    }
}
