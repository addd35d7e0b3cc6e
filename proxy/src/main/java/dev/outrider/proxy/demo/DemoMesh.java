package dev.outrider.proxy.demo;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.admin.page.JsonTree;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The whole mesh, started part by part and closed together. Main thread. */
final class DemoMesh implements AutoCloseable {

    private static final String MACHINE_ACCOUNT = "vmhttp";
    private static final String CALLER_ACCOUNT = "sleep";

    private final DemoPorts ports;
    private final DemoAuthority authority = new DemoAuthority("cluster.local");
    private final SampleServices services = new SampleServices();
    private final DemoResources resources;
    private final DemoControlPlane controlPlane;
    private final Sidecar cluster;
    private final Sidecar machine;
    private int version = 1;

    DemoMesh(DemoPorts ports) throws StartupException {
        this.ports = ports;
        resources = new DemoResources(ports, services.ports());
        controlPlane = new DemoControlPlane(ports.controlPlane(), authority, names());
        controlPlane.publish(DemoControlPlane.Group.CLUSTER, resources.cluster("1"));
        controlPlane.publish(DemoControlPlane.Group.MACHINE, resources.machine(List.of(100, 0, 0), "1"));
        Sidecar first = null;
        try {
            first = Sidecar.start(SidecarConfig.of(bootstrap("cluster", CALLER_ACCOUNT, ports.clusterAdmin())).withConcurrency(1));
            machine = Sidecar.start(SidecarConfig.of(bootstrap("machine", MACHINE_ACCOUNT, ports.admin()))
                    .withDns(DnsSettings.defaults().withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.dns()))));
        } catch (StartupException e) {
            if (first != null) {
                first.close();
            }
            controlPlane.close();
            services.close();
            throw e;
        }
        cluster = first;
    }

    Sidecar machine() {
        return machine;
    }

    Sidecar cluster() {
        return cluster;
    }

    /** Identity under which the machine is known, as client and as server. */
    static String machineIdentity() {
        return DemoService.identity(MACHINE_ACCOUNT);
    }

    /** Identity of the one in the cluster that calls the machine. */
    static String callerIdentity() {
        return DemoService.identity(CALLER_ACCOUNT);
    }

    /** Moves traffic of reviews between its versions, while everything runs. */
    void reviews(List<Integer> weights) {
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
        return Template.fill(DemoMesh.class, "bootstrap.yaml", values);
    }

    private static Map<String, Object> secret(String name, DemoAuthority.Issued identity) {
        return Map.of("name", name, "tls_certificate", Map.of(
                "certificate_chain", Map.of("inline_string", identity.chainPem()),
                "private_key", Map.of("inline_string", identity.keyPem())));
    }

    @Override
    public void close() {
        machine.close();
        cluster.close();
        controlPlane.close();
        services.close();
    }
}
