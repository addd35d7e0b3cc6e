package dev.outrider.xds.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells of files that are different, also when a symbolic link on the way now leads elsewhere (as Kubernetes swaps secrets). Looks
 * rather than listens: a few stats a second cost nothing and work on every file system. A file counts once it rests for one look, so
 * that half-written ones are rarely seen. Own daemon thread; {@code changed} is called there.
 */
public final class FileWatch implements AutoCloseable {

    private static final long LOOK_MILLIS = 200;

    private record Stamp(String real, long modified, long size, @Nullable Object key) {}

    private final Consumer<Set<String>> changed;
    private final Map<String, @Nullable Stamp> settled = new HashMap<>();
    private final Map<String, @Nullable Stamp> seen = new HashMap<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("file-watch").daemon().unstarted(task));
    private volatile Set<String> paths = Set.of();

    public FileWatch(Consumer<Set<String>> changed) {
        this.changed = changed;
        thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    public void paths(Set<String> all) {
        Map<String, @Nullable Stamp> now = new HashMap<>();
        all.forEach(path -> now.put(path, stamp(path)));
        thread.execute(() -> {
            paths = all;
            now.forEach(settled::putIfAbsent);
            settled.keySet().retainAll(all);
            seen.keySet().retainAll(all);
        });
    }

    private void look() {
        Set<String> different = new HashSet<>();
        for (String path : paths) {
            Stamp now = stamp(path);
            if (now != null && now.equals(seen.put(path, now)) && !now.equals(settled.get(path))) {
                settled.put(path, now);
                different.add(path);
            }
        }
        if (!different.isEmpty()) {
            changed.accept(different);
        }
    }

    private static @Nullable Stamp stamp(String path) {
        try {
            Path real = Path.of(path).toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new Stamp(real.toString(), attributes.lastModifiedTime().toMillis(), attributes.size(), attributes.fileKey());
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
