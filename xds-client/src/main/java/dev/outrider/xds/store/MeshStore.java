package dev.outrider.xds.store;

import dev.outrider.xds.resource.type.KeyMaterial;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One file with the last known good configuration: replaced atomically, checked when read, never holding key material. Works on a thread of
 * its own; every method returns at once, from any thread. A directory that cannot be used costs one log line, not the process.
 */
public final class MeshStore implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(MeshStore.class.getName());

    private static final String FILE = "mesh.lkg";
    private static final long CLOSE_SECONDS = 2;

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    private final Path directory;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().name("mesh-store").daemon().unstarted(task));

    /** What is to be written next; a newer one takes its place. */
    private final AtomicReference<@Nullable StoredMesh> next = new AtomicReference<>();

    private final Set<String> withheld = new HashSet<>();
    private boolean failing;

    public MeshStore(Path directory) {
        this.directory = directory;
    }

    /** Completes with null where there is nothing, or nothing that can be used; then the log says why. */
    public CompletableFuture<@Nullable StoredMesh> load() {
        return CompletableFuture.supplyAsync(this::read, thread);
    }

    private @Nullable StoredMesh read() {
        Path file = directory.resolve(FILE);
        try {
            if (Files.size(file) > StoreFormat.MAX_BYTES) {
                throw new IOException("is larger than " + StoreFormat.MAX_BYTES + " bytes");
            }
            return StoreFormat.read(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return null;
        } catch (FileSystemException e) {
            LOG.log(System.Logger.Level.WARNING, "the last known good configuration is ignored, it cannot be read: {0}", e.toString());
            return null;
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} is ignored: it {1}", file, e.getMessage());
            return null;
        }
    }

    /** Writes it soon; while a write is under way, only the newest of those that follow is kept. */
    public void save(StoredMesh mesh) {
        if (next.getAndSet(mesh) == null && !thread.isShutdown()) {
            thread.execute(this::write);
        }
    }

    private void write() {
        StoredMesh mesh = next.getAndSet(null);
        if (mesh == null) {
            return;
        }
        try {
            replace(StoreFormat.write(withoutKeys(mesh)));
            failing = false;
        } catch (IOException | UnsupportedOperationException e) {
            if (!failing) {
                failing = true;
                LOG.log(System.Logger.Level.WARNING,
                        "the last known good configuration is not kept in {0}, a restart without the control plane will serve nothing: {1}",
                        directory, e.toString());
            }
        }
    }

    private StoredMesh withoutKeys(StoredMesh mesh) {
        List<StoredMesh.Resource> clean = new ArrayList<>(mesh.resources().size());
        for (StoredMesh.Resource resource : mesh.resources()) {
            if (!KeyMaterial.in(resource.typeUrl(), resource.wire().toArray())) {
                clean.add(resource);
            } else if (withheld.add(resource.name())) {
                LOG.log(System.Logger.Level.INFO, "''{0}'' holds key material and is not kept on disk", resource.name());
            }
        }
        return new StoredMesh(mesh.node(), mesh.saved(), mesh.versions(), clean);
    }

    private void replace(byte[] content) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY_DIRECTORY));
        }
        Path fresh = directory.resolve(FILE + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel out = create(fresh)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                int unused = out.write(left);
            }
            out.force(true);
        }
        Files.move(fresh, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        // The name survives a power cut only when the directory is on disk too.
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    private static FileChannel create(Path file) throws IOException {
        try {
            return FileChannel.open(
                    file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            throw new IOException(file + " was put there by someone else just now", e);
        }
    }

    /** What was to be saved is written before it returns, within a bound. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "the last known good configuration was not written to {0} in time", directory);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
