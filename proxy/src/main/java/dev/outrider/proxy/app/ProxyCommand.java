package dev.outrider.proxy.app;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.app.footprint.FilePages;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.app.sidecar.Version;
import dev.outrider.xds.OnReject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code outrider proxy}: Envoy's command line. Main thread; returns when the process is up, which then lives by its loops. */
@Command(mixinStandardHelpOptions = false, sortOptions = false, description = "Runs the sidecar on an Envoy v3 bootstrap.")
final class ProxyCommand implements QuickOptions {

    enum Mode { SERVE, VALIDATE, INIT_ONLY }

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Option(names = "--version", description = "print the version and exit")
    private boolean version;

    @Option(names = {"-c", "--config-path"}, paramLabel = "FILE", description = "bootstrap, YAML or JSON")
    private @Nullable Path configPath;

    @Option(names = "--config-yaml", paramLabel = "TEXT", description = "bootstrap text, merged over the file")
    private String configYaml = "";

    @Option(names = "--mode", paramLabel = "MODE", description = "serve (default), or validate: read the bootstrap, report, exit")
    private Mode mode = Mode.SERVE;

    @Option(names = "--concurrency", paramLabel = "N", description = "data event loops, default ${DEFAULT-VALUE}")
    private int concurrency = 2;

    @Mixin
    private DnsOptions dns = new DnsOptions();

    @Option(names = "--on-reject", paramLabel = "KEEP|CLOSE",
            description = "a listener, route table or cluster whose update is refused: keeps serving its last version, or stops; default ${DEFAULT-VALUE}")
    private OnReject onReject = OnReject.KEEP;

    @Option(names = "--state", paramLabel = "DIR",
            description = "keep the last known good configuration here, to serve it while the control plane is away; off unless given")
    private @Nullable Path state;

    @Option(names = "--drain-time-s", paramLabel = "SECONDS",
            description = "bound on draining: at exit the smaller of this and 5 s, default ${DEFAULT-VALUE}")
    private int drainSeconds = 600;

    @Option(names = "--explicit-port", paramLabel = "PORT",
            description = "take SOCKS5 and HTTP CONNECT on this port of 127.0.0.1, for programs whose connections are not captured; off unless given")
    private int explicitPort;

    @Option(names = "--service-node", paramLabel = "ID", description = "node id, over the bootstrap's")
    private String serviceNode = "";

    @Option(names = "--service-cluster", paramLabel = "NAME", description = "node cluster, over the bootstrap's")
    private String serviceCluster = "";

    @Option(names = {"-l", "--log-level"}, paramLabel = "LEVEL", description = "trace, debug, info, warning, error, critical, off")
    private String logLevel = "info";

    @Option(names = "--component-log-level", paramLabel = "NAME:LEVEL,…", description = "levels of single components")
    private String componentLogLevel = "";

    @Option(names = "--log-path", paramLabel = "FILE", description = "log file instead of standard error")
    private @Nullable Path logPath;

    @Option(names = "--admin-address-path", paramLabel = "FILE", description = "write the bound admin address here")
    private @Nullable Path adminAddressPath;

    @Mixin
    private IgnoredOptions ignored = new IgnoredOptions();

    @Override
    public boolean flag(String name) {
        return false;
    }

    @Override
    public boolean option(String name, String value) {
        switch (name) {
            case "-c", "--config-path" -> configPath = Path.of(value);
            case "--config-yaml" -> configYaml = value;
            case "--concurrency" -> concurrency = Integer.parseInt(value);
            case "--state" -> state = Path.of(value);
            case "--drain-time-s" -> drainSeconds = Integer.parseInt(value);
            case "--explicit-port" -> explicitPort = Integer.parseInt(value);
            case "--service-node" -> serviceNode = value;
            case "--service-cluster" -> serviceCluster = value;
            case "-l", "--log-level" -> logLevel = value;
            case "--component-log-level" -> componentLogLevel = value;
            case "--log-path" -> logPath = Path.of(value);
            case "--admin-address-path" -> adminAddressPath = Path.of(value);
            default -> {
                return dns.option(name, value);
            }
        }
        return true;
    }

    @Override
    public Integer call() throws StartupException {
        if (version) {
            System.out.println("\noutrider  version: " + Version.text() + "\n");
            return 0;
        }
        if (concurrency < 0) {
            throw new StartupException("--concurrency " + concurrency + ": must not be negative");
        }
        if (explicitPort < 0 || explicitPort > 65_535) {
            throw new StartupException("--explicit-port " + explicitPort + ": must be a port (1 to 65535)");
        }
        ProcessLog.install(logLevel, componentLogLevel, logPath);
        SidecarConfig config = new SidecarConfig(
                BootstrapText.withNode(BootstrapText.load(configPath, configYaml), serviceNode, serviceCluster),
                concurrency == 0 ? Runtime.getRuntime().availableProcessors() : concurrency,
                Math.max(0, drainSeconds),
                dns.listens() ? dns.over(DnsSettings.defaults()) : null,
                adminAddressPath,
                null,
                new SidecarConfig.Mesh(onReject, state),
                commandLine(),
                null,
                SidecarConfig.Local.NONE.withExplicit(explicitPort));
        if (mode != Mode.SERVE) {
            Sidecar.validate(config);
            System.out.println("configuration '" + (configPath == null ? "" : configPath) + "' OK");
            return 0;
        }
        Sidecar sidecar = Sidecar.start(config);
        ProcessSignals.onTermination(sidecar::terminate, Main::halt);
        sidecar.onTerminated(Main::halt);
        FilePages.giveBack(sidecar);
        return 0;
    }

    /** envoy.admin.v3.CommandLineOptions. */
    private Map<String, Object> commandLine() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("concurrency", concurrency);
        if (configPath != null) {
            all.put("config_path", configPath.toString());
        }
        if (!configYaml.isEmpty()) {
            all.put("config_yaml", configYaml);
        }
        all.put("log_level", logLevel);
        all.put("component_log_level", componentLogLevel);
        all.put("service_cluster", serviceCluster);
        all.put("service_node", serviceNode);
        all.put("drain_time", drainSeconds + "s");
        all.put("mode", "Serve");
        all.put("disable_hot_restart", true);
        return all;
    }
}
