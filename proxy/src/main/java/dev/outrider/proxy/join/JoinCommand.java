package dev.outrider.proxy.join;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outrider join}: checks the bundle, puts its files in place, starts the service, waits for a request through the mesh. */
@Command(description = "Makes this machine a member of the mesh, from the operator's bundle.")
public final class JoinCommand implements Callable<Integer> {

    private static final String USER = "istio-proxy";
    private static final Pattern HEALTHY_HTTP = Pattern.compile("^outbound\\|([0-9]+)\\|\\|([^:|]+)::[^:]+:[0-9]+::health_flags::healthy$", Pattern.MULTILINE);

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Parameters(index = "0", paramLabel = "BUNDLE|DIR", description = "directory, .tar or .tar.gz with cluster.env, root-cert.pem and a token or certificate")
    private Path bundle = Path.of(".");

    @Option(names = "--gateway", paramLabel = "IP", description = "address where the control plane is reached; goes to /etc/hosts")
    private @Nullable String gateway;

    @Option(names = "--probe", paramLabel = "HOST:PORT", description = "HTTP service for the last check, default: the first with a healthy endpoint")
    private @Nullable String probe;

    @Option(names = "--dry-run", description = "print what would change, and change nothing")
    private boolean dryRun;

    @Option(names = "--root", paramLabel = "DIR", description = "files below DIR, default ${DEFAULT-VALUE}; another than / starts and stops nothing")
    private Path root = Path.of("/");

    @Override
    public Integer call() throws InterruptedException {
        try {
            return join();
        } catch (IOException e) {
            return fail(bundle + ": " + (e instanceof java.nio.file.NoSuchFileException ? "is not there" : e.getMessage()));
        }
    }

    private int join() throws IOException, InterruptedException {
        if (gateway != null && !NetUtil.isValidIpV4Address(gateway) && !NetUtil.isValidIpV6Address(gateway)) {
            return fail("--gateway " + gateway + ": must be an IP address such as 192.0.2.10");
        }
        Bundle read = Bundle.read(bundle);
        List<BundleCheck.Finding> findings = BundleCheck.of(read, Instant.now());
        findings.forEach(f -> say(f.good(), f.text()));
        if (findings.stream().anyMatch(f -> !f.good())) {
            return fail("nothing was changed");
        }
        List<Placement> placements = Placement.of(read, root, gateway);
        if (dryRun) {
            placements.forEach(p -> System.out.println((unchanged(p) ? "same    " : Files.exists(p.target()) ? "replace " : "create  ")
                    + p.target() + " (" + (p.ours() ? USER : "root") + " " + p.mode() + ")"));
            System.out.println("start   outrider.service");
            return 0;
        }
        var record = new JoinRecord(root);
        for (Placement placement : placements) {
            record.place(placement, root.equals(Path.of("/")) ? USER : null);
            say(true, placement.target() + " in place");
        }
        return root.equals(Path.of("/")) ? start() : 0;
    }

    private static boolean unchanged(Placement placement) {
        try {
            return Files.exists(placement.target()) && Arrays.equals(Files.readAllBytes(placement.target()), placement.content().toArray());
        } catch (IOException e) {
            return false;
        }
    }

    private int start() throws IOException, InterruptedException {
        if (run("systemctl", "restart", "outrider.service") != 0) {
            return fail("outrider.service did not become ready; see journalctl -u outrider, or ask outrider doctor. outrider leave undoes this");
        }
        say(true, "outrider.service: the control plane answered, the rules are in place");
        String target = probe == null ? aService() : probe;
        if (target == null) {
            say(true, "no HTTP service of the mesh has a healthy endpoint: there is nothing to send a request to");
            return 0;
        }
        // As a user whose connections are captured: root's are not.
        boolean answered = run("runuser", "-u", "nobody", "--", System.getProperty("outrider.home", "/usr/lib/outrider") + "/bin/outrider", "probe", target) == 0;
        say(answered, "a request to " + target + (answered ? " went through the mesh" : " did not get through; ask outrider explain " + target));
        return answered ? 0 : 1;
    }

    /** By the pages of the running sidecar: the first cluster of a service's HTTP port with a host that takes requests. */
    private static @Nullable String aService() throws IOException {
        HttpURLConnection page = (HttpURLConnection) URI.create("http://127.0.0.1:15000/clusters").toURL().openConnection();
        String text = new String(page.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher found = HEALTHY_HTTP.matcher(text);
        return found.find() ? found.group(2) + ":" + found.group(1) : null;
    }

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private static void say(boolean good, String text) {
        System.out.println((good ? "ok    " : "FAIL  ") + text);
    }

    private static int fail(String text) {
        say(false, text);
        return 1;
    }
}
