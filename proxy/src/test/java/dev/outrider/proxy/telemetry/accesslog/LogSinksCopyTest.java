package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.telemetry.Stats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

class LogSinksCopyTest {

    private static final byte[] LINE = "[access] line of a test\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path directory;

    @Test
    void whatGoesToStandardOutputIsInTheFileTooAndSurvivesARotation() throws Exception {
        Path copy = directory.resolve("istio.log");
        LogSinks first = new LogSinks(new Stats(), 1, copy);
        write(first.sink("/dev/stdout"));
        first.close();
        assertEquals(LINE.length, Files.size(copy));
        LogSinks second = new LogSinks(new Stats(), 60_000, copy);
        LogSinks.Sink sink = second.sink("/dev/stdout");
        Files.move(copy, directory.resolve("istio.log.1"));
        second.reopen();
        awaitReopened(copy);
        write(sink);
        second.close();
        assertEquals(LINE.length, Files.size(copy));
        assertEquals(LINE.length, Files.size(directory.resolve("istio.log.1")));
    }

    private static void write(LogSinks.Sink sink) {
        sink.lane().begin().append(LINE, 0, LINE.length);
        sink.lane().end();
    }

    private static void awaitReopened(Path file) {
        long end = System.nanoTime() + 30_000_000_000L;
        while (!Files.exists(file) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
