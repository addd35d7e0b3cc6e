package dev.outrider.proxy.intercept.resolver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Dies in or right after its nth change, as a process that is killed does: no failure is handled, nothing that follows is done. */
final class MortalFiles extends AtomicFiles {
    private int left;

    MortalFiles(int changes) {
        this.left = changes;
    }

    boolean alive() {
        return left > 0;
    }

    @Override
    void write(Path file, String text) throws IOException {
        if (left == 1) {
            Files.writeString(unfinished(file), text.substring(0, text.length() / 2));
        }
        step();
        super.write(file, text);
    }

    @Override
    void keep(Path file, Path copy) throws IOException {
        super.keep(file, copy);
        step();
    }

    @Override
    void move(Path from, Path to) throws IOException {
        super.move(from, to);
        step();
    }

    @Override
    void delete(Path file) throws IOException {
        super.delete(file);
        step();
    }

    private void step() {
        if (--left <= 0) {
            throw new Killed();
        }
    }

    /** Nobody catches it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }
}
