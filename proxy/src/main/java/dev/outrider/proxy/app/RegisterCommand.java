package dev.outrider.proxy.app;

import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.machine.LocalAddresses;
import dev.outrider.proxy.machine.registration.Registration;
import dev.outrider.proxy.machine.registration.Registration.Kind;
import dev.outrider.proxy.machine.registration.ServicePort;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outrider register|deregister SERVICE PORT…}: prints what {@code kubectl apply -f -} or {@code kubectl delete -f -} takes; touches nothing itself. */
@Command(mixinStandardHelpOptions = true, description = "Prints the objects that make a service on this machine known to the mesh.")
final class RegisterCommand implements Callable<Integer> {

    private final boolean remove;

    @Parameters(index = "0", paramLabel = "SERVICE", description = "its name, such as vmhttp")
    private String service = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "[NAME:]PORT", description = "8080, http:8080, grpc-api:9000")
    private List<String> ports = new ArrayList<>();

    @Option(names = {"-n", "--namespace"}, paramLabel = "NAMESPACE", description = "default workload.namespace of the settings")
    private String namespace = "";

    @Option(names = "--address", paramLabel = "IP", description = "default workload.address of the settings, else this machine's first")
    private String address = "";

    @Option(names = {"-l", "--label"}, paramLabel = "NAME=VALUE", description = "default app=SERVICE and version=v1")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(names = {"-s", "--service-account"}, paramLabel = "NAME", description = "default workload.serviceAccount of the settings")
    private String serviceAccount = "";

    @Option(names = "--kind", split = ",", paramLabel = "KIND", description = "service_entry, service, workload_entry; default ${DEFAULT-VALUE}")
    private List<Kind> kinds = new ArrayList<>(List.of(Kind.SERVICE_ENTRY, Kind.SERVICE));

    @Option(names = "--cluster-domain", paramLabel = "DOMAIN", description = "default ${DEFAULT-VALUE}")
    private String clusterDomain = "cluster.local";

    @Option(names = "--root", paramLabel = "DIR", description = "read the settings below DIR, default ${DEFAULT-VALUE}")
    private Path root = Path.of("/");

    private RegisterCommand(boolean remove) {
        this.remove = remove;
    }

    static RegisterCommand register() {
        return new RegisterCommand(false);
    }

    static RegisterCommand deregister() {
        return new RegisterCommand(true);
    }

    @Override
    public Integer call() throws StartupException {
        Map<String, String> env = EffectiveSettings.read(new Places(root)).environment();
        try {
            Registration registration = new Registration(
                    service, given(namespace, env, "POD_NAMESPACE", "default"), given(address, env, "ISTIO_SVC_IP", firstAddress()),
                    ports.stream().map(ServicePort::parse).toList(), labels.isEmpty() ? usualLabels() : labels,
                    given(serviceAccount, env, "SERVICE_ACCOUNT", "default"), clusterDomain);
            System.out.print(remove ? registration.names(kinds) : registration.yaml(kinds));
            return 0;
        } catch (IllegalArgumentException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        }
    }

    private Map<String, String> usualLabels() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("app", service);
        all.put("version", "v1");
        return all;
    }

    private static String given(String option, Map<String, String> env, String variable, String otherwise) {
        return option.isEmpty() ? env.getOrDefault(variable, otherwise) : option;
    }

    private static String firstAddress() {
        List<String> all = LocalAddresses.all();
        return all.isEmpty() ? "" : all.getFirst();
    }
}
