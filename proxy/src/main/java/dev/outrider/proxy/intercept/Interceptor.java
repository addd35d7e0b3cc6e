package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Installs, shows, checks and removes interception on this machine. Every operation may be repeated. Methods return the exit status of a command:
 * 0 for yes, 1 for "not so". Single-threaded, blocking.
 */
public final class Interceptor {
    private static final String MISSING = "neither nft nor iptables-restore is installed: apt-get install nftables";

    private final Path state;
    private final RuleRunner runner;
    private final List<RuleBackend> backends;
    private final Routing routing;
    private final SharedTables shared;

    /** @param stateDirectory emptied by a reboot, as the kernel's rules are */
    public Interceptor(RuleRunner runner, Path stateDirectory) {
        this.state = stateDirectory.resolve(Installation.NAME);
        this.runner = runner;
        this.backends = List.of(new NftBackend(runner), new IptablesBackend(runner));
        this.routing = new Routing(runner);
        this.shared = new SharedTables(runner);
    }

    /** @param wanted {@code nft}, {@code iptables}, or {@code auto}: nft where it is installed */
    public int apply(InterceptionPlan plan, String wanted, PrintStream out) throws RuleException {
        try (OperationLock _ = OperationLock.take(state, runner)) {
            return applyLocked(plan, wanted, out);
        }
    }

    private int applyLocked(InterceptionPlan plan, String wanted, PrintStream out) throws RuleException {
        RuleBackend backend = backend(wanted);
        Installation next = backend.render(plan);
        Installation before = Installation.read(state);
        if (before != null && before.complete() && before.sameRules(next) && isIntact(before)) {
            out.println("interception: already in place (" + backend.name() + ")");
            return 0;
        }
        install(next, before);
        out.println("interception: applied (" + backend.name() + ", " + plan.mode() + ")");
        return 0;
    }

    /** What becomes of what is captured when nobody is there to capture for. */
    public enum OnStop {
        /** It goes direct. */
        OPEN,
        /** It is refused, by rules that stay. */
        CLOSED,
        /** The rules stay as they are. */
        KEEP
    }

    /**
     * The proxy has ended and does not come back by itself. Where no rules are, none come.
     *
     * @param plan what would be captured; null where that cannot be found out any more: what is to be closed then stays as it is, which refuses too
     */
    public int stopped(OnStop choice, @Nullable InterceptionPlan plan, String wanted, PrintStream out) throws RuleException {
        if (installed() == null || choice == OnStop.OPEN) {
            return remove(out);
        }
        if (choice == OnStop.KEEP || plan == null) {
            out.println("interception: the rules stay while nothing serves them (interception.onStop is " + choice.name().toLowerCase(Locale.ROOT) + "); outrider intercept remove takes them away");
            return 0;
        }
        int applied = apply(plan.closed(), wanted, out);
        out.println("interception: connections of the mesh are refused while nothing serves them (interception.onStop is closed); outrider intercept remove lets them go");
        return applied;
    }

    /** Puts back what was installed before, or nothing. */
    public void restore(@Nullable Installation earlier, PrintStream out) throws RuleException {
        if (earlier == null) {
            remove(out);
            return;
        }
        try (OperationLock _ = OperationLock.take(state, runner)) {
            install(earlier, Installation.read(state));
            out.println("interception: put back");
        }
    }

    /** Installs again what is installed, if it is not as it was. Returns the first difference found, empty when there was none. */
    public String repair() throws RuleException {
        try (OperationLock _ = OperationLock.take(state, runner)) {
            Installation last = installed();
            if (last == null || isIntact(last)) {
                return "";
            }
            List<String> difference = TextDiff.of(last.listing().lines().toList(), backend(last.backend()).listing().lines().toList());
            try {
                install(last, last);
            } catch (RuleException e) {
                // Still what belongs here: the next look tries again.
                last.write(state);
                throw e;
            }
            return difference.isEmpty() ? "routing" : difference.getFirst().strip();
        }
    }

    /** What is installed now, or null. */
    public @Nullable Installation installed() throws RuleException {
        Installation last = Installation.read(state);
        return last != null && last.complete() ? last : null;
    }

    /** What was installed last or, if that command was killed, was being installed. */
    public @Nullable Installation begun() throws RuleException {
        return Installation.read(state);
    }

    public int print(InterceptionPlan plan, String wanted, PrintStream out) throws RuleException {
        printed(backend(wanted).render(plan)).forEach(out::println);
        return 0;
    }

    /** Whether what was installed is still there, unchanged and in order. */
    public int verify(PrintStream out) throws RuleException {
        Installation last = installed();
        if (last == null) {
            out.println("interception: not applied");
            return 1;
        }
        if (isIntact(last)) {
            out.println("interception: in place (" + last.backend() + ")");
            return 0;
        }
        out.println("interception: not as applied (- was applied, + is there now); outrider intercept apply puts it back");
        TextDiff.of(last.listing().lines().toList(), backend(last.backend()).listing().lines().toList()).forEach(out::println);
        routing.missing(last.routing()).forEach(line -> out.println("- ip " + line));
        return 1;
    }

    /** What {@link #apply} would change. */
    public int diff(InterceptionPlan plan, String wanted, PrintStream out) throws RuleException {
        Installation last = installed();
        List<String> changes = TextDiff.of(last == null ? List.of() : printed(last), printed(backend(wanted).render(plan)));
        changes.forEach(out::println);
        return changes.isEmpty() ? 0 : 1;
    }

    /** Removes what is there, whatever installed it and whatever the settings say now. */
    public int remove(PrintStream out) throws RuleException {
        try (OperationLock _ = OperationLock.take(state, runner)) {
            return removeLocked(out);
        }
    }

    private int removeLocked(PrintStream out) throws RuleException {
        Installation last = Installation.read(state);
        for (RuleBackend backend : backends) {
            if (backend.available()) {
                backend.remove();
            }
        }
        if (last != null) {
            routing.remove(last.owned());
            shared.removeSince(last.tablesBefore());
        }
        Installation.delete(state);
        out.println("interception: removed");
        return 0;
    }

    private void install(Installation wanted, @Nullable Installation before) throws RuleException {
        RuleBackend backend = backend(wanted.backend());
        Set<String> owned = new TreeSet<>(before == null ? Set.of() : before.owned());
        Set<String> tables = before == null ? shared.present() : before.tablesBefore();
        // First what may be left behind, then the change: from here on a killed command can be cleaned up after.
        List<String> missing = routing.missing(wanted.routing());
        owned.addAll(missing);
        Installation next = wanted.with(owned, tables);
        next.write(state);
        try {
            routing.add(missing);
            backend.apply(next);
        } catch (RuleException e) {
            putBack(next, before);
            throw e;
        }
        if (before == null || !before.complete() || !before.backend().equals(wanted.backend())) {
            removeOthers(backend, tables);
        }
        var stale = new TreeSet<>(owned);
        stale.removeAll(wanted.routing());
        routing.remove(stale);
        owned.removeAll(stale);
        next.with(owned, tables).completed(backend.listing()).write(state);
    }

    /** What another backend may have left: by its name in the record, by a command that was killed, or without any record. */
    private void removeOthers(RuleBackend backend, Set<String> tables) throws RuleException {
        for (RuleBackend other : backends) {
            if (other != backend && other.available()) {
                other.remove();
            }
        }
        if (backend instanceof NftBackend) {
            shared.removeSince(tables);
        }
    }

    private void putBack(Installation failed, @Nullable Installation before) throws RuleException {
        if (before == null || !before.complete()) {
            backend(failed.backend()).remove();
            routing.remove(failed.owned());
            shared.removeSince(failed.tablesBefore());
            Installation.delete(state);
        } else {
            // A transaction that failed changed nothing, but iptables has several.
            backend(before.backend()).apply(before);
            before.write(state);
        }
    }

    private boolean isIntact(Installation last) throws RuleException {
        return backend(last.backend()).listing().equals(last.listing()) && routing.missing(last.routing()).isEmpty();
    }

    private RuleBackend backend(String wanted) throws RuleException {
        for (RuleBackend backend : backends) {
            if (wanted.equals(backend.name()) || (wanted.equals("auto") && backend.available())) {
                return backend;
            }
        }
        throw new RuleException(wanted.equals("auto") ? MISSING : "no backend '" + wanted + "': nft, iptables or auto");
    }

    private static List<String> printed(Installation installation) {
        var lines = new ArrayList<String>();
        installation.routing().forEach(line -> lines.add("# ip " + line.replaceFirst("^(-[46] [a-z]+) ", "$1 add ")));
        lines.addAll(installation.rules().lines().toList());
        if (!installation.rules6().isEmpty()) {
            lines.add("# ip6tables-restore");
            lines.addAll(installation.rules6().lines().toList());
        }
        return lines;
    }
}
