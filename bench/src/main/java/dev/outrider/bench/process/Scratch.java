package dev.outrider.bench.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for configurations and logs of a run, removed at its end unless they tell of a failure. One thread. */
public final class Scratch implements AutoCloseable {

    private final Path path;
    private boolean kept;

    public Scratch(String name) {
        try {
            path = Files.createTempDirectory(name);
        } catch (IOException e) {
            throw new UncheckedIOException("no temporary folder", e);
        }
    }

    public Path path() {
        return path;
    }

    /** Leaves it in place. */
    public void keep() {
        kept = true;
    }

    @Override
    public void close() {
        if (kept) {
            return;
        }
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path each : deepestFirst) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
