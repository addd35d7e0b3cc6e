package dev.outrider.bench.training;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.concurrent.Callable;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code outrider bench store}: a package's own compression finds what classes share only where each is not deflated alone. Main thread. */
@Command(name = "outrider bench store", mixinStandardHelpOptions = true,
        description = "Writes the jars of a directory anew, uncompressed: the package that holds them is smaller by half of them.")
public final class StoreCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "the directory of jars")
    private Path directory = Path.of("");

    @Override
    public Integer call() throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.jar")) {
            for (Path jar : jars) {
                store(jar);
            }
        }
        return 0;
    }

    /** Entries keep order, name and time, so that the same jars give the same package. */
    static void store(Path jar) throws IOException {
        Path stored = Files.createTempFile(jar.toAbsolutePath().getParent(), "stored", ".tmp");
        try {
            try (ZipFile from = new ZipFile(jar.toFile()); ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(stored))) {
                to.setMethod(ZipOutputStream.STORED);
                for (Enumeration<? extends ZipEntry> entries = from.entries(); entries.hasMoreElements();) {
                    copy(from, entries.nextElement(), to);
                }
            }
            Files.setPosixFilePermissions(stored, Files.getPosixFilePermissions(jar));
            Files.move(stored, jar, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(stored);
        }
    }

    private static void copy(ZipFile from, ZipEntry entry, ZipOutputStream to) throws IOException {
        byte[] content = from.getInputStream(entry).readAllBytes();
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry plain = new ZipEntry(entry.getName());
        plain.setTimeLocal(entry.getTimeLocal());
        plain.setSize(content.length);
        plain.setCrc(crc.getValue());
        to.putNextEntry(plain);
        to.write(content);
        to.closeEntry();
    }
}
