package dev.outrider.proxy.architecture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Sizes and names of the source files of every module. */
class SourceRulesTest {
    private static final int LINES = 500;
    private static final int FILES = 20;
    private static final List<String> MODULES = List.of("xds-client", "dns", "proxy", "bench");
    private static final Pattern VAGUE_NAME = Pattern.compile("(Abstract|Base)[A-Z].*|.*(Utils?|Helpers?|Manager|Common|Impl)");

    /** Names that are Envoy's and not ours. */
    private static final Set<String> FOREIGN_NAMES = Set.of("HttpConnectionManager");

    private static final Pattern LEFT_OPEN = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX)\\b");
    private static final Pattern SLEEP = Pattern.compile("Thread[.]sl" + "eep|TimeUnit[.][A-Z]+[.]sl" + "eep");

    @Test
    void noMainFileIsTooLong() {
        var tooLong = new ArrayList<String>();
        for (Path file : sources("main")) {
            int lines = lines(file).size();
            if (lines > LINES) {
                tooLong.add(file.getFileName() + " has " + lines + " lines");
            }
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void noPackageIsTooFull() {
        Map<Path, Integer> count = new TreeMap<>();
        for (Path file : sources("main")) {
            if (!file.endsWith("package-info.java")) {
                count.merge(file.getParent(), 1, Integer::sum);
            }
        }
        count.values().removeIf(files -> files <= FILES);
        assertEquals(Map.of(), count);
    }

    @Test
    void everyPackageSaysWhatItIs() {
        var silent = new ArrayList<Path>();
        for (Path file : sources("main")) {
            Path info = file.resolveSibling("package-info.java");
            if (!Files.exists(info) || lines(info).stream().noneMatch(line -> line.contains("@NullMarked"))) {
                silent.add(file);
            }
        }
        assertEquals(List.of(), silent, "files in a package without a package-info that is @NullMarked");
    }

    @Test
    void noNameIsVague() {
        var vague = new ArrayList<String>();
        for (Path file : sources("main")) {
            String name = file.getFileName().toString().replace(".java", "");
            if (VAGUE_NAME.matcher(name).matches() && !FOREIGN_NAMES.contains(name)) {
                vague.add(name);
            }
        }
        assertEquals(List.of(), vague);
    }

    @Test
    void nothingIsLeftOpenAndNoTestSleeps() {
        var found = new ArrayList<String>();
        for (String tree : List.of("main", "test")) {
            for (Path file : sources(tree)) {
                for (String line : lines(file)) {
                    if (LEFT_OPEN.matcher(line).find() || (tree.equals("test") && SLEEP.matcher(line).find())) {
                        found.add(file.getFileName() + ": " + line.strip());
                    }
                }
            }
        }
        assertEquals(List.of(), found);
    }

    private static List<Path> sources(String tree) {
        var files = new ArrayList<Path>();
        for (String module : MODULES) {
            Path root = Path.of("..", module, "src", tree, "java");
            if (Files.isDirectory(root)) {
                try (Stream<Path> walk = Files.walk(root)) {
                    walk.filter(file -> file.toString().endsWith(".java")).forEach(files::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        assertTrue(!tree.equals("main") || files.size() > 20, "no sources found: the rules would hold of nothing");
        return files;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
