package dev.outrider.proxy.intercept.resolver;

import dev.outrider.proxy.intercept.Interceptor;
import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.RuleRunner;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the machine ask the shim, checks that it does, and undoes it. Which way is in use is written down before its first change, on a disk that
 * outlives a reboot. Methods return the exit status of a command: 0 for yes, 1 for "not so". Single-threaded, blocking, as root.
 */
public final class HostDns {
    private final RuleRunner tools;
    private final Path root;
    private final InterceptionPlan machine;
    private final AtomicFiles files;
    private final Path stateDirectory;
    private final Path state;

    /**
     * @param root "/" but for tests
     * @param machine interception of this machine, for {@link ResolverMode#REDIRECT}
     */
    public HostDns(RuleRunner tools, Path root, InterceptionPlan machine) {
        this(tools, root, machine, new AtomicFiles());
    }

    HostDns(RuleRunner tools, Path root, InterceptionPlan machine, AtomicFiles files) {
        this.tools = tools;
        this.root = root;
        this.machine = machine;
        this.files = files;
        this.stateDirectory = root.resolve("var/lib/outrider-dns");
        this.state = stateDirectory.resolve("mode");
    }

    /** Takes another mode's changes back first. A failure leaves what was there before any of them. */
    public int apply(ResolverMode wanted, ResolverPlan plan, PrintStream out) throws RuleException {
        ResolverMode before = applied();
        if (before != null && before != wanted) {
            remove(out);
        }
        if (wanted == ResolverMode.NONE) {
            out.println("dns: the machine's resolvers are left alone");
            return 0;
        }
        ResolverAdapter adapter = adapter(wanted);
        adapter.check(plan, before == wanted);
        write(wanted);
        try {
            adapter.apply(plan);
        } catch (RuleException e) {
            undo(adapter, before == wanted, e);
            throw e;
        }
        out.println("dns: applied (" + wanted.word() + ", shim at " + plan.server() + ")");
        return 0;
    }

    private void undo(ResolverAdapter adapter, boolean stays, RuleException cause) {
        if (stays) {
            return;
        }
        try {
            adapter.remove();
            forget();
        } catch (RuleException e) {
            cause.addSuppressed(e);
        }
    }

    public int remove(PrintStream out) throws RuleException {
        ResolverMode mode = applied();
        if (mode != null) {
            adapter(mode).remove();
        }
        forget();
        out.println(mode == null ? "dns: nothing to remove" : "dns: removed (" + mode.word() + ")");
        return 0;
    }

    /** Whether the machine asks the shim in the way that was applied, and with the settings of now. */
    public int verify(ResolverPlan plan, PrintStream out) throws RuleException {
        ResolverMode mode = applied();
        if (mode == null) {
            out.println("dns: not applied");
            return 1;
        }
        List<String> differences = adapter(mode).differences(plan);
        out.println("dns: " + (differences.isEmpty() ? "in place (" : "not as applied (") + mode.word() + ")");
        differences.forEach(line -> out.println("  " + line));
        return differences.isEmpty() ? 0 : 1;
    }

    public int print(ResolverMode mode, ResolverPlan plan, PrintStream out) throws RuleException {
        if (mode != ResolverMode.NONE) {
            adapter(mode).describe(plan).forEach(out::println);
        }
        return 0;
    }

    private ResolverAdapter adapter(ResolverMode mode) {
        return switch (mode) {
            case REDIRECT -> new RedirectAdapter(new Interceptor(tools, root.resolve("run/outrider-interception")), machine);
            case RESOLVED_LINK -> new ResolvedLinkAdapter(tools, root);
            case RESOLVED_DROPIN -> new ResolvedDropinAdapter(tools, root, stateDirectory, files);
            case RESOLVCONF -> new ResolvConfAdapter(root, stateDirectory, files);
            case NONE -> throw new IllegalArgumentException("nothing adapts to nothing");
        };
    }

    private @Nullable ResolverMode applied() throws RuleException {
        try {
            String word = Files.readString(state).strip();
            if (!Files.getOwner(state, LinkOption.NOFOLLOW_LINKS).getName().equals(System.getProperty("user.name"))) {
                throw new RuleException(state + " belongs to another user, who could have root change files; delete it and apply again");
            }
            return ResolverMode.parse(word);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException | IllegalArgumentException e) {
            throw new RuleException(state + " cannot be read (" + e.getMessage() + "): run it as root");
        }
    }

    private void write(ResolverMode mode) throws RuleException {
        try {
            Files.createDirectories(stateDirectory);
            Files.setPosixFilePermissions(stateDirectory, PosixFilePermissions.fromString("rwx------"));
            files.write(state, mode.word() + "\n");
        } catch (IOException e) {
            throw new RuleException(state + " cannot be written (" + e.getMessage() + "): run it as root; nothing was changed");
        }
    }

    private void forget() throws RuleException {
        try {
            files.delete(AtomicFiles.unfinished(state));
            files.delete(state);
        } catch (IOException e) {
            throw new RuleException(state + " cannot be deleted (" + e.getMessage() + ")");
        }
        try {
            files.delete(stateDirectory);
        } catch (IOException e) {
            // systemd made it (StateDirectory=) and mounted it for this unit: it stays, empty.
            return;
        }
    }
}
