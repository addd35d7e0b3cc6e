package dev.outrider.proxy.app.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LogFilesTest {

    @TempDir
    private Path directory;

    private static final Formatter LINE = new Formatter() {
        @Override
        public String format(LogRecord record) {
            return record.getMessage() + "\n";
        }
    };

    private String read(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    @Test
    void everythingIsInOneFileAndWhatIsWrongInTheOtherToo() throws Exception {
        Files.writeString(directory.resolve("istio.log"), "of the last run\n");
        LogFiles files = new LogFiles(directory, LINE);
        files.publish(new LogRecord(Level.INFO, "started"));
        files.publish(new LogRecord(Level.WARNING, "cut off"));
        assertEquals("of the last run\nstarted\ncut off\n", read("istio.log"));
        assertEquals("cut off\n", read("istio.err.log"));
        files.close();
    }

    @Test
    void afterARotationTheNewFilesGrow() throws Exception {
        LogFiles files = new LogFiles(directory, LINE);
        files.publish(new LogRecord(Level.SEVERE, "one"));
        Files.move(directory.resolve("istio.log"), directory.resolve("istio.log.1"));
        Files.move(directory.resolve("istio.err.log"), directory.resolve("istio.err.log.1"));
        files.publish(new LogRecord(Level.SEVERE, "two"));
        files.reopen();
        files.publish(new LogRecord(Level.SEVERE, "three"));
        assertEquals("one\ntwo\n", read("istio.log.1"));
        assertEquals("three\n", read("istio.log"));
        assertEquals("three\n", read("istio.err.log"));
        files.close();
    }

    @Test
    void aFileThatCannotBeReopenedGoesOnWhereItIs() throws Exception {
        LogFiles files = new LogFiles(directory, LINE);
        Files.move(directory.resolve("istio.log"), directory.resolve("istio.log.1"));
        Files.createDirectory(directory.resolve("istio.log"));
        assertThrows(IOException.class, files::reopen);
        files.publish(new LogRecord(Level.INFO, "kept"));
        assertEquals("kept\n", read("istio.log.1"));
        files.close();
    }

    @Test
    void aDirectoryThatIsMissingIsNamed() {
        String said = assertThrows(IOException.class, () -> new LogFiles(directory.resolve("none"), LINE)).getMessage();
        assertTrue(said.contains(directory.resolve("none/istio.log").toString()), said);
    }
}
