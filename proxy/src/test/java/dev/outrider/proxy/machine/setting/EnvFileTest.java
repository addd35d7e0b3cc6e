package dev.outrider.proxy.machine.setting;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class EnvFileTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "A=1|1", "A='x y'|x y", "A=\"x \\\" y\"|x \" y", "export A=v|v", "A=v # why|v", "A='it'\\''s'|it's", "A=''|~~", "A=a\\ b|a b"})
    void readsOneShellWord(String line, String value) {
        assertEquals(Map.of("A", value), EnvFile.parse(Path.of("f"), line).values());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "A=$(id)|not expanded", "A=`id`|not expanded", "A=\"$HOME\"|not expanded", "A='x|not closed", "A=x y|needs quotes",
        "no equals|expected KEY=VALUE", "1A=x|expected KEY=VALUE", "A=x;rm|-"})
    void neverRunsAShell(String line, String said) {
        EnvFile file = EnvFile.parse(Path.of("cluster.env"), "\n" + line);
        if (said.equals("-")) {
            assertEquals("x;rm", file.values().get("A"));
        } else {
            assertTrue(file.errors().getFirst().startsWith("cluster.env:2: "), file.errors().toString());
            assertTrue(file.errors().getFirst().contains(said), file.errors().toString());
        }
    }
}
