package dev.outrider.proxy.identity.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

class FileModesTest {

    @TempDir
    private Path folder;

    private Path key(String modes) throws Exception {
        return Files.setPosixFilePermissions(Files.createFile(folder.resolve("key.pem")), PosixFilePermissions.fromString(modes));
    }

    @ParameterizedTest
    @CsvSource({"rw-------,true", "r--------,true", "rw-r-----,false", "rw----r--,false", "rwxr--r--,false", "rw--w----,false"})
    void keysAreForOneUser(String modes, boolean accepted) throws Exception {
        assertEquals(accepted, new FileModes(List.of(), false).fault(key(modes)) == null);
    }

    @Test
    void theLineIsTheCommandToRun() throws Exception {
        Path key = key("rw-r--r--");
        assertEquals(key + " can be used by other users of this machine (rw-r--r--): run chmod 0600 " + key + ", or set OUTRIDER_ANY_FILE_MODE=true",
                new FileModes(List.of(), false).fault(key));
    }

    @Test
    void placesThatAreTightenedAndTheOperatorsWordAreEnough() throws Exception {
        Path key = key("rw-r--r--");
        assertNull(new FileModes(List.of(folder), false).fault(key));
        assertNull(new FileModes(List.of(), true).fault(key));
    }
}
