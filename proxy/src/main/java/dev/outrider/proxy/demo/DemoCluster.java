package dev.outrider.proxy.demo;

import dev.outrider.proxy.admin.page.JsonTree;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What stands around the machine: an authority, the control plane, sample services, and the sidecar that stands for those of the cluster. The AOT training
 * puts a process of its own where the demo has the machine's sidecar. One thread; blocks.
 */
public final class DemoCluster implements AutoCloseable {

    static final String MACHINE_ACCOUNT = "vmhttp";
    private static final String CALLER_ACCOUNT = "sleep";

    private final DemoPorts ports;
    private final DemoAuthority authority = new DemoAuthority("cluster.local");
    private final SampleServices services = new SampleServices();
    private final DemoResources resources;
    private final DemoControlPlane controlPlane;
    private final Sidecar sidecar;
    private int version = 1;

    /** 0 = the demo's own ports. */
    public DemoCluster(int portBase) throws StartupException {
        this(DemoPorts.of(portBase));
    }

    DemoCluster(DemoPorts ports) throws StartupException {
        this.ports = ports;
        resources = new DemoResources(ports, services.ports());
        controlPlane = new DemoControlPlane(ports.controlPlane(), authority, names());
        controlPlane.publish(DemoControlPlane.Group.CLUSTER, resources.cluster("1"));
        controlPlane.publish(DemoControlPlane.Group.MACHINE, resources.machine(List.of(100, 0, 0), "1"));
        try {
            sidecar = Sidecar.start(SidecarConfig.of(bootstrap("cluster", CALLER_ACCOUNT, ports.clusterAdmin())).withConcurrency(1));
        } catch (StartupException e) {
            controlPlane.close();
            services.close();
            throw e;
        }
    }

    Sidecar sidecar() {
        return sidecar;
    }

    public DemoAuthority authority() {
        return authority;
    }

    /** Where the machine's sidecar finds its configuration, by ADS over mutual TLS; as whom it knows its server. */
    public int controlPlanePort() {
        return controlPlane.port();
    }

    /** Identity under which the machine is known, as client and as server. */
    public static String machineIdentity() {
        return DemoService.identity(MACHINE_ACCOUNT);
    }

    /** Identity of the one in the cluster that calls the machine. */
    static String callerIdentity() {
        return DemoService.identity(CALLER_ACCOUNT);
    }

    /** For the machine's sidecar, with everything that it needs to know. */
    String machineBootstrap() {
        return bootstrap("machine", MACHINE_ACCOUNT, ports.admin());
    }

    /** One call on each way: a service of the cluster from the machine over HTTP and TCP, and the machine's own from the cluster. Says what failed. */
    public void callAll() throws IOException {
        for (DemoService service : List.of(DemoService.PRODUCTPAGE, DemoService.REVIEWS, DemoService.VMHTTP)) {
            PlainHttp.Answer answer = call(service);
            if (!answer.ok()) {
                throw new IOException(service.host() + " answered " + answer.statusLine());
            }
        }
        greeting();
    }

    PlainHttp.Answer call(DemoService service) throws IOException {
        return PlainHttp.get(Loopback.at(service.serviceAddress(), service.port(ports)), service.host() + ":" + service.port(ports), "/");
    }

    /** The version that mysqldb says before it hears anything; "" where it says something else. */
    String greeting() throws IOException {
        DemoService service = DemoService.MYSQLDB;
        try (Socket socket = new Socket()) {
            int timeoutMillis = 10_000;
            socket.setSoTimeout(timeoutMillis);
            socket.connect(Loopback.at(service.serviceAddress(), service.port(ports)), timeoutMillis);
            InputStream in = socket.getInputStream();
            byte[] head = in.readNBytes(5);
            StringBuilder version = new StringBuilder();
            if (head.length == 5 && head[4] == 10) {
                for (int b = in.read(); b > 0; b = in.read()) {
                    version.append((char) b);
                }
            }
            return version.toString();
        }
    }

    /** Moves traffic of reviews between its versions, while everything runs. */
    public void reviews(List<Integer> weights) {
        version++;
        controlPlane.publish(DemoControlPlane.Group.MACHINE, resources.machine(weights, Integer.toString(version)));
    }

    private NameTable names() {
        NameTable.Builder table = NameTable.newBuilder();
        for (DemoService service : DemoService.values()) {
            table.putTable(service.host(), NameTable.NameInfo.newBuilder()
                    .addIps(service.serviceAddress()).setRegistry("Kubernetes").setShortname(service.label()).setNamespace("default").build());
        }
        return table.build();
    }

    private String bootstrap(String name, String account, int adminPort) {
        DemoAuthority.Issued identity = authority.issue(DemoService.identity(account));
        List<Object> secrets = new ArrayList<>();
        secrets.add(secret("default", identity));
        secrets.add(Map.of("name", "ROOTCA", "validation_context", Map.of("trusted_ca", Map.of("inline_string", authority.rootPem()))));
        if (name.equals("cluster")) {
            Set<String> accounts = new LinkedHashSet<>();
            for (DemoService service : DemoService.values()) {
                accounts.add(service.account());
            }
            accounts.forEach(a -> secrets.add(secret(a, authority.issue(DemoService.identity(a)))));
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("node", "sidecar~127.0.0.1~" + name + ".default~default.svc.cluster.local");
        values.put("cluster", account + ".default");
        values.put("account", account);
        values.put("admin_port", adminPort);
        values.put("ads_port", ports.controlPlane());
        values.put("chain", JsonTree.printLine(identity.chainPem()));
        values.put("key", JsonTree.printLine(identity.keyPem()));
        values.put("root", JsonTree.printLine(authority.rootPem()));
        values.put("secrets", JsonTree.printLine(secrets));
        return Template.fill(DemoCluster.class, "bootstrap.yaml", values);
    }

    private static Map<String, Object> secret(String name, DemoAuthority.Issued identity) {
        return Map.of("name", name, "tls_certificate", Map.of(
                "certificate_chain", Map.of("inline_string", identity.chainPem()),
                "private_key", Map.of("inline_string", identity.keyPem())));
    }

    @Override
    public void close() {
        sidecar.close();
        controlPlane.close();
        services.close();
    }
}
