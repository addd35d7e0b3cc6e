package dev.outrider.bench.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** A jar that is stored is the same jar. */
class StoreCommandTest {

    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);
    private static final byte[] TEXT = "the same line again and again\n".repeat(100).getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path directory;

    private Path jar() throws IOException {
        Path jar = directory.resolve("a.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String name : List.of("META-INF/MANIFEST.MF", "empty/", "b.txt", "a.txt")) {
                ZipEntry entry = new ZipEntry(name);
                entry.setTimeLocal(TIME);
                out.putNextEntry(entry);
                out.write(name.endsWith("txt") ? TEXT : new byte[0]);
            }
        }
        return jar;
    }

    @Test
    void everythingIsThereInItsOrderAndNothingIsCompressed() throws IOException {
        Path jar = jar();
        StoreCommand.store(jar);
        try (ZipFile stored = new ZipFile(jar.toFile())) {
            assertEquals(List.of("META-INF/MANIFEST.MF", "empty/", "b.txt", "a.txt"), stored.stream().map(ZipEntry::getName).toList());
            ZipEntry entry = stored.getEntry("a.txt");
            assertEquals(ZipEntry.STORED, entry.getMethod());
            assertEquals(TIME, entry.getTimeLocal());
            assertArrayEquals(TEXT, stored.getInputStream(entry).readAllBytes());
        }
    }

    @Test
    void theSameJarGivesTheSameBytes() throws IOException {
        byte[] first = stored();
        assertArrayEquals(first, stored());
        try (var left = Files.list(directory)) {
            assertEquals(1, left.count());
        }
    }

    private byte[] stored() throws IOException {
        Path jar = jar();
        StoreCommand.store(jar);
        return Files.readAllBytes(jar);
    }
}
