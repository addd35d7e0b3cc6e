package dev.outrider.xds.resource.part;

import dev.outrider.xds.model.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a DataSource that names a file or an environment variable is read from. Called on the parsing thread; may block. */
public interface FileSource {

    /** Certificates and bodies are small; a bound keeps a device file from filling the heap. */
    int MAX_BYTES = 4 << 20;

    /** The machine's own files and environment. */
    FileSource SYSTEM = new FileSource() {
        @Override
        public Bytes read(String path) throws IOException {
            try (InputStream in = Files.newInputStream(Path.of(path))) {
                byte[] bytes = in.readNBytes(MAX_BYTES + 1);
                if (bytes.length > MAX_BYTES) {
                    throw new IOException("larger than " + MAX_BYTES + " bytes");
                }
                return Bytes.wrap(bytes);
            }
        }

        @Override
        public @Nullable String environment(String name) {
            return System.getenv(name);
        }
    };

    Bytes read(String path) throws IOException;

    /** Null where there is no such variable. */
    @Nullable String environment(String name);
}
