package dev.outrider.proxy.app;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.admin.AgentPorts;
import dev.outrider.proxy.app.log.LogFiles;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.app.sidecar.identity.Identities;
import dev.outrider.proxy.identity.workload.IdentitySettings;
import dev.outrider.proxy.machine.LocalAddresses;
import dev.outrider.proxy.machine.MachineBootstrap;
import dev.outrider.proxy.machine.MachineConfig;
import dev.outrider.proxy.machine.MachineDns;
import dev.outrider.proxy.machine.MachineIdentity;
import dev.outrider.proxy.machine.MachineProbe;
import dev.outrider.proxy.machine.PortIdentity;
import dev.outrider.proxy.machine.setting.Durations;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import dev.outrider.proxy.probe.Prober;
import dev.outrider.xds.OnReject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code outrider run}: the sidecar of this machine, from cluster.env and /etc/certs as the operator of a VM has them. */
@Command(description = "Runs this machine's sidecar from /var/lib/istio/envoy/cluster.env and /etc/certs.")
final class RunCommand implements QuickOptions {

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Option(names = "--root", paramLabel = "DIR", description = "read the files below DIR, default ${DEFAULT-VALUE}")
    private Path root = Path.of("/");

    @Option(names = "--concurrency", paramLabel = "N", description = "data event loops, 0 for one a processor, default proxy.concurrency of the settings")
    private @Nullable Integer concurrency;

    @Mixin
    private DnsOptions dnsOptions = new DnsOptions();

    @Option(names = "--drain-time-s", paramLabel = "SECONDS", description = "bound on draining: at exit the smaller of this and 5 s, default proxy.drainTime of the settings")
    private @Nullable Integer drainSeconds;

    @Option(names = {"-l", "--log-level"}, paramLabel = "LEVEL", description = "trace, debug, info, warning, error, critical, off")
    private @Nullable String logLevel;

    @Option(names = "--take-over", hidden = true, description = "take the sockets of the running sidecar, and its place")
    private boolean takeOver;

    @Option(names = "--config-yaml", paramLabel = "TEXT", description = "bootstrap text, merged over what the machine's files give")
    private String configYaml = "";

    @Option(names = "--print-bootstrap", description = "print the bootstrap that would be used, and exit")
    private boolean printBootstrap;

    @Override
    public boolean flag(String name) {
        switch (name) {
            case "--take-over" -> takeOver = true;
            case "--print-bootstrap" -> printBootstrap = true;
            default -> {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean option(String name, String value) {
        switch (name) {
            case "--root" -> root = Path.of(value);
            case "--concurrency" -> concurrency = Integer.valueOf(value);
            case "--drain-time-s" -> drainSeconds = Integer.valueOf(value);
            case "-l", "--log-level" -> logLevel = value;
            case "--config-yaml" -> configYaml = value;
            default -> {
                return dnsOptions.option(name, value);
            }
        }
        return true;
    }

    @Override
    public Integer call() throws StartupException {
        MachineConfig machine;
        IdentitySettings identity;
        DnsSettings dns;
        Prober.@Nullable Settings probe;
        List<Identities.PortIdentity> portIdentities;
        Places places = new Places(root);
        try {
            machine = MachineConfig.read(places, LocalAddresses.all(), LocalAddresses.hostName());
            identity = MachineIdentity.of(machine, places);
            EffectiveSettings settings = EffectiveSettings.read(places);
            portIdentities = PortIdentity.all(settings).stream()
                    .map(entry -> new Identities.PortIdentity(entry.name(), entry.inboundPorts(), MachineIdentity.of(entry, machine, places))).toList();
            dns = dnsOptions.over(MachineDns.of(settings).settings());
            probe = MachineProbe.of(settings, machine, LocalAddresses.all());
        } catch (MachineConfig.InvalidMachineConfig | IllegalArgumentException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        }
        String bootstrap = BootstrapText.over(MachineBootstrap.yaml(machine), configYaml);
        if (printBootstrap) {
            System.out.print(bootstrap);
            return 0;
        }
        Map<String, String> env = machine.environment();
        String level = logLevel == null ? env.getOrDefault("OUTRIDER_LOG_LEVEL", "info") : logLevel;
        int loops = concurrency == null ? Integer.parseInt(env.getOrDefault("OUTRIDER_CONCURRENCY", "2")) : concurrency;
        AgentPorts.Settings ports;
        int drain;
        try {
            ports = MachinePorts.of(env);
            drain = drainSeconds == null ? (int) Durations.parse(env.getOrDefault("OUTRIDER_DRAIN_TIME", "45s")).toSeconds() : Math.max(0, drainSeconds);
        } catch (IllegalArgumentException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        }
        ProcessLog.install(level, "", null);
        Path logs = root.resolve("var/log/istio");
        boolean files = wantsLogFiles(env) && ProcessLog.copyTo(logs);
        var config = new SidecarConfig(
                bootstrap, loops == 0 ? Runtime.getRuntime().availableProcessors() : loops, drain,
                dnsOptions.listens() || machine.dnsCapture() ? dns : null, null, ports, mesh(env),
                Map.of("concurrency", loops, "mode", "Serve", "log_level", level), identity,
                local(probe, files ? LogFiles.file(logs) : null).withExplicit(Integer.parseInt(env.getOrDefault("OUTRIDER_EXPLICIT_PORT", "0")))
                        .withServices(env.getOrDefault("OUTRIDER_SERVICE_RANGE", ""))
                        .withPortIdentities(portIdentities));
        var life = new ServiceLife(System.getenv());
        if (takeOver) {
            life.takeOver(config);
        } else {
            life.start(config);
        }
        return 0;
    }

    private static boolean wantsLogFiles(Map<String, String> env) {
        return switch (env.getOrDefault("OUTRIDER_LOG_FILES", "guide").toLowerCase(Locale.ROOT)) {
            case "always" -> true;
            case "never" -> false;
            default -> env.containsKey("ISTIO_CP_AUTH");
        };
    }

    private SidecarConfig.Local local(Prober.@Nullable Settings probe, @Nullable Path log) {
        Path runtime = ServiceLife.runtimeDirectory(System.getenv());
        return new SidecarConfig.Local(Files.isWritable(runtime) ? runtime.resolve("admin.sock") : null, new LocalRules(root), probe, log, null, null, List.of());
    }

    private SidecarConfig.Mesh mesh(Map<String, String> env) {
        Path state = Path.of(env.getOrDefault("OUTRIDER_STATE", "/var/lib/outrider/state"));
        return new SidecarConfig.Mesh(
                env.getOrDefault("OUTRIDER_ON_REJECT", "keep").equalsIgnoreCase("close") ? OnReject.CLOSE : OnReject.KEEP,
                root.resolve(Path.of("/").relativize(state.toAbsolutePath())));
    }
}
