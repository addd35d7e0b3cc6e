package dev.outrider.proxy.intercept;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What was installed last, kept until the next boot: removing, checking and putting back go by this, never by what the settings say now. Written before
 * the first change to the machine, so that a killed command leaves nothing unknown behind. Root alone writes in its directory: what stands here is fed to a
 * rule tool again.
 *
 * @param rules for nft, or for iptables-restore
 * @param rules6 for ip6tables-restore
 * @param routing wanted: see {@link Routing}
 * @param owned the part of {@code routing} that was not there before
 * @param tablesBefore see {@link SharedTables}, before the first change
 * @param listing the kernel's own rendering right after installing
 * @param complete false while installing
 */
public record Installation(
        String backend, String rules, String rules6, List<String> routing, Set<String> owned, Set<String> tablesBefore, String listing, boolean complete) {

    /** Of the file, in the directory of state. */
    static final String NAME = "interception";

    private static final String ROOTS_ALONE = " is root's alone: run it as root";

    boolean sameRules(Installation other) {
        return backend.equals(other.backend) && rules.equals(other.rules) && rules6.equals(other.rules6) && routing.equals(other.routing);
    }

    Installation with(Set<String> nowOwned, Set<String> tables) {
        return new Installation(backend, rules, rules6, routing, Set.copyOf(nowOwned), tables, listing, false);
    }

    Installation completed(String nowListing) {
        return new Installation(backend, rules, rules6, routing, owned, tablesBefore, nowListing, true);
    }

    static @Nullable Installation read(Path file) throws RuleException {
        var stored = new Properties();
        try {
            String owner = Files.getOwner(file).getName();
            if (!owner.equals(System.getProperty("user.name"))) {
                throw new RuleException(file + (owner.equals("root") ? ROOTS_ALONE : " belongs to another user, who could have root install rules; delete it and apply again"));
            }
            stored.load(new StringReader(Files.readString(file)));
        } catch (NoSuchFileException e) {
            return null;
        } catch (AccessDeniedException e) {
            throw new RuleException(file + ROOTS_ALONE);
        } catch (IOException | IllegalArgumentException e) {
            throw new RuleException(file + " cannot be read (" + e.getMessage() + "); delete it and apply again");
        }
        return new Installation(
                stored.getProperty("backend", ""), stored.getProperty("rules", ""), stored.getProperty("rules6", ""),
                lines(stored, "routing"), new TreeSet<>(lines(stored, "owned")), new TreeSet<>(lines(stored, "tables-before")),
                stored.getProperty("listing", ""), Boolean.parseBoolean(stored.getProperty("complete")));
    }

    /** By which tool rules are installed, "" = none are. For display: anybody may ask, and nothing is made of it. */
    public static String tool(Path stateDirectory) {
        var stored = new Properties();
        try (Reader text = Files.newBufferedReader(stateDirectory.resolve(NAME))) {
            stored.load(text);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException | IllegalArgumentException e) {
            return "root (" + e.getMessage() + ")";
        }
        return Boolean.parseBoolean(stored.getProperty("complete")) ? stored.getProperty("backend", "") : "";
    }

    void write(Path file) throws RuleException {
        var stored = new Properties();
        stored.setProperty("backend", backend);
        stored.setProperty("rules", rules);
        stored.setProperty("rules6", rules6);
        stored.setProperty("routing", String.join("\n", routing));
        stored.setProperty("owned", String.join("\n", owned));
        stored.setProperty("tables-before", String.join("\n", tablesBefore));
        stored.setProperty("listing", listing);
        stored.setProperty("complete", String.valueOf(complete));
        try {
            var text = new StringWriter();
            stored.store(text, null);
            Files.createDirectories(file.resolveSibling(""));
            Files.setPosixFilePermissions(file.resolveSibling(""), PosixFilePermissions.fromString("rwx--x--x"));
            Path next = file.resolveSibling(file.getFileName() + ".next");
            Files.writeString(next, text.toString());
            Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new RuleException(file + " cannot be written (" + e.getMessage() + "); nothing was changed since");
        }
    }

    static void delete(Path file) throws RuleException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new RuleException(file + " cannot be deleted (" + e.getMessage() + ")");
        }
    }

    private static List<String> lines(Properties stored, String key) {
        return stored.getProperty(key, "").lines().filter(line -> !line.isEmpty()).toList();
    }
}
