package dev.outrider.bench.round;

import dev.outrider.bench.load.LoadProcess;
import dev.outrider.bench.process.Children;
import dev.outrider.bench.process.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What contenders are built from.
 *
 * @param effort how long things take
 * @param home the folder with {@code bin/outrider}
 * @param scratch where configurations and logs go
 * @param load the load generator, with the backend
 */
public record Lab(Effort effort, Path home, Path scratch, Children children, Ports ports, LoadProcess load) {

    /** Writes a file of a contender; its path as text. */
    public String file(String name, String text) {
        try {
            return Files.writeString(scratch.resolve(name), text).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
