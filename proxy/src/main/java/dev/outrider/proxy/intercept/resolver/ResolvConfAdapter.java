package dev.outrider.proxy.intercept.resolver;

import dev.outrider.proxy.intercept.RuleException;
import io.netty.util.NetUtil;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The shim as the first server of /etc/resolv.conf, with the machine's own servers behind it: glibc goes on to them when the shim is away (musl asks all
 * of them at once). What stood there, also a link to a generated file, comes back as it was.
 */
final class ResolvConfAdapter implements ResolverAdapter {
    static final String MARK = "# Written by Outrider; `outrider dns remove` puts the earlier file back.";

    /** resolv.conf(5) has no way to name another. */
    private static final int DNS_PORT = 53;

    private final ReplacedFile file;

    ResolvConfAdapter(Path root, Path stateDirectory, AtomicFiles files) {
        file = new ReplacedFile(files, root.resolve("etc/resolv.conf"), stateDirectory, MARK);
    }

    @Override
    public List<String> describe(ResolverPlan plan) throws RuleException {
        return text(plan).lines().toList();
    }

    @Override
    public void check(ResolverPlan plan, boolean again) throws RuleException {
        if (plan.shim().getPort() != DNS_PORT) {
            throw new RuleException("resolv.conf cannot name port " + plan.shim().getPort()
                    + ": let the shim listen on port 53 (OUTRIDER_DNS_LISTEN=127.0.0.1:53), or use another mode");
        }
    }

    @Override
    public void apply(ResolverPlan plan) throws RuleException {
        boolean unused = file.replace(text(plan));
    }

    @Override
    public List<String> differences(ResolverPlan plan) throws RuleException {
        return file.holds(text(plan)) ? List.of() : List.of("/etc/resolv.conf is not as Outrider would write it now");
    }

    @Override
    public void remove() throws RuleException {
        boolean unused = file.restore();
    }

    private String text(ResolverPlan plan) throws RuleException {
        String own = file.original().lines().map(line -> line.strip().startsWith("options") ? withoutRotation(line) : line).collect(Collectors.joining("\n"));
        String search = plan.search().isEmpty() ? "" : "\nsearch " + String.join(" ", plan.search());
        // The last search line wins, so ours stands at the end; then the machine's own domains follow.
        return MARK + "\nnameserver " + NetUtil.toAddressString(plan.shim().getAddress()) + "\n" + own + (search.isEmpty() ? "" : search + domains(own)) + "\n";
    }

    /** With "rotate" every other question would pass by the shim. */
    private static String withoutRotation(String line) {
        return Arrays.stream(line.split("\\s+")).filter(word -> !word.equals("rotate")).collect(Collectors.joining(" "));
    }

    private static String domains(String own) {
        return own.lines().map(line -> line.strip().split("\\s+", 2))
                .filter(word -> word.length == 2 && (word[0].equals("search") || word[0].equals("domain")))
                .map(word -> " " + word[1])
                .reduce("", (earlier, later) -> later);
    }
}
