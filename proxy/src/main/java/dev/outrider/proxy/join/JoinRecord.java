package dev.outrider.proxy.join;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What joining changed, kept below {@code var/lib/outrider-join} so that leaving undoes exactly that: a list of {@code new PATH},
 * {@code old N PATH} (its former content is file N) and {@code dir PATH}, written before each change.
 */
final class JoinRecord {

    private final Path root;
    private final Path directory;
    private final Path list;

    JoinRecord(Path root) {
        this.root = root;
        directory = root.resolve("var/lib/outrider-join");
        list = directory.resolve("changes");
    }

    boolean exists() {
        return Files.exists(list);
    }

    /** Puts a file in place; {@code owner} null leaves ownership alone. A second join keeps what the first one found. */
    void place(Placement placement, @Nullable String owner) throws IOException {
        if (!exists()) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            Files.createFile(list);
        }
        List<String> known = Files.readAllLines(list);
        Path target = placement.target();
        for (Path missing : missingParents(target)) {
            note(known, "dir " + missing);
            Files.createDirectory(missing);
            own(missing, placement.ours() ? owner : null);
        }
        if (known.stream().noneMatch(line -> line.endsWith(" " + target))) {
            if (Files.exists(target)) {
                Files.copy(target, directory.resolve(String.valueOf(known.size())), StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
                note(known, "old " + known.size() + " " + target);
            } else {
                note(known, "new " + target);
            }
        }
        Path staged = Files.createTempFile(target.getParent(), ".outrider", "");
        Files.write(staged, placement.content().toArray());
        own(staged, placement.ours() ? owner : null);
        Files.setPosixFilePermissions(staged, PosixFilePermissions.fromString(placement.mode()));
        Files.move(staged, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void note(List<String> known, String line) throws IOException {
        known.add(line);
        Files.write(list, known);
    }

    private List<Path> missingParents(Path target) {
        List<Path> missing = new ArrayList<>();
        for (Path at = target.getParent(); at != null && !at.equals(root) && !Files.exists(at); at = at.getParent()) {
            missing.addFirst(at);
        }
        return missing;
    }

    private static void own(Path path, @Nullable String owner) throws IOException {
        if (owner != null) {
            Files.setOwner(path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner));
        }
    }

    /** Undoes every change, last first; returns what it did, a line each. */
    List<String> undo() throws IOException {
        List<String> said = new ArrayList<>();
        for (String line : Files.readAllLines(list).reversed()) {
            String[] word = line.split(" ", 2);
            switch (word[0]) {
                case "new" -> {
                    if (Files.deleteIfExists(Path.of(word[1]))) {
                        said.add("removed " + word[1]);
                    }
                }
                case "old" -> {
                    String[] kept = word[1].split(" ", 2);
                    restore(directory.resolve(kept[0]), Path.of(kept[1]));
                    said.add("restored " + kept[1]);
                }
                default -> removeDirectory(Path.of(word[1]), said);
            }
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
        return said;
    }

    private static void restore(Path kept, Path target) throws IOException {
        if (target.endsWith("etc/hosts") && Files.exists(target)) {
            // Others write here too: only our own lines go.
            Files.writeString(target, Placement.withoutBlock(Files.readString(target)));
        } else {
            Files.copy(kept, target, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Certificates that were issued since lie in directories that joining made; anything else stays, and its directory with it. */
    private static void removeDirectory(Path made, List<String> said) throws IOException {
        if (!Files.isDirectory(made)) {
            return;
        }
        try (Stream<Path> files = Files.list(made)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".pem")).toList()) {
                Files.delete(file);
                said.add("removed " + file);
            }
        }
        try (Stream<Path> left = Files.list(made)) {
            if (left.findAny().isPresent()) {
                said.add("left " + made + ", which is not empty");
                return;
            }
        }
        Files.delete(made);
        said.add("removed " + made);
    }
}
