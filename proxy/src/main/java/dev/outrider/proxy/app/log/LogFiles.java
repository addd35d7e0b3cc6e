package dev.outrider.proxy.app.log;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.ErrorManager;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * A copy of the process's log in {@code istio.log}, and of its warnings and errors in {@code istio.err.log} too: the files of the mesh-expansion guide.
 * Appended to, never truncated. Any thread.
 */
public final class LogFiles extends Handler {

    private final Path all;
    private final Path errors;
    private OutputStream toAll;
    private OutputStream toErrors;

    /** Throws IOException that names the file which cannot be written. */
    public LogFiles(Path directory, Formatter formatter) throws IOException {
        all = file(directory);
        errors = directory.resolve("istio.err.log");
        toAll = open(all);
        try {
            toErrors = open(errors);
        } catch (IOException e) {
            toAll.close();
            throw e;
        }
        setFormatter(formatter);
        setLevel(Level.ALL);
    }

    /** Where the lines of a mesh's access log to standard output belong too. */
    public static Path file(Path directory) {
        return directory.resolve("istio.log");
    }

    private static OutputStream open(Path file) throws IOException {
        return new FileOutputStream(file.toFile(), true);
    }

    @Override
    public synchronized void publish(LogRecord record) {
        if (!isLoggable(record)) {
            return;
        }
        byte[] line = getFormatter().format(record).getBytes(StandardCharsets.UTF_8);
        try {
            toAll.write(line);
            if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
                toErrors.write(line);
            }
        } catch (IOException e) {
            reportError("log file", e, ErrorManager.WRITE_FAILURE);
        }
    }

    /** After a rotation: what was moved away gets no more lines. A file that cannot be opened again goes on in its old place. */
    public synchronized void reopen() throws IOException {
        OutputStream freshAll = open(all);
        OutputStream freshErrors;
        try {
            freshErrors = open(errors);
        } catch (IOException e) {
            freshAll.close();
            throw e;
        }
        toAll.close();
        toErrors.close();
        toAll = freshAll;
        toErrors = freshErrors;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public synchronized void close() {
        try {
            toAll.close();
            toErrors.close();
        } catch (IOException e) {
            reportError("log file", e, ErrorManager.CLOSE_FAILURE);
        }
    }
}
