package dev.outrider.proxy.app;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What {@code outrider manual} writes when a package is built. */
class ManualTest {

    @TempDir
    private Path share;

    @BeforeEach
    void write() {
        assertEquals(0, Main.run("manual", share.toString()));
    }

    private String page(String name) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(share.resolve(name)))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void everyVerbAndOptionIsInThePage() throws IOException {
        String page = page("man/man8/outrider.8.gz");
        for (String line : List.of(".SH \"outrider explain\"", "\\fB\\-\\-inbound=PORT\\fR", ".SH \"outrider status\"", ".SS \"outrider dns query", "data event loops, default 2")) {
            assertTrue(page.contains(line), line);
        }
        assertFalse(page.contains("${"), "a variable that nobody filled in");
        assertFalse(page.contains("take\\-over"), "an option that is hidden");
    }

    @Test
    void nothingInAPageIsTakenForARequest() throws IOException {
        List<String> known = List.of(".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi");
        for (String name : List.of("man/man8/outrider.8.gz", "man/man5/outrider.yaml.5.gz")) {
            for (String line : page(name).split("\n", -1)) {
                assertTrue(!line.startsWith(".") || known.contains(line.split(" ", 2)[0]), line);
                assertFalse(line.startsWith("'"), line);
            }
        }
    }

    @Test
    void everySettingIsInThePage() throws IOException {
        String page = page("man/man5/outrider.yaml.5.gz");
        for (String line : List.of("\\fBcontrolPlane.address\\fR", "\\fBinterception.serviceRanges\\fR", "PILOT_ADDRESS", "ISTIO_SERVICE_CIDR")) {
            assertTrue(page.contains(line), line);
        }
    }

    @Test
    void completesVerbsAndOptions() throws IOException {
        String script = Files.readString(share.resolve("bash-completion/completions/outrider"));
        assertTrue(script.contains("complete -F _complete_outrider -o default outrider"), script);
        assertTrue(script.contains("explain") && script.contains("--inbound"), script);
    }

    @Test
    void theSameInputGivesTheSameBytes(@TempDir Path again) throws IOException {
        assertEquals(0, Main.run("manual", again.toString()));
        for (String name : List.of("man/man8/outrider.8.gz", "man/man5/outrider.yaml.5.gz", "bash-completion/completions/outrider")) {
            assertArrayEquals(Files.readAllBytes(share.resolve(name)), Files.readAllBytes(again.resolve(name)), name);
        }
    }
}
