package dev.outrider.proxy.demo;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.StartupException;

/** The whole mesh, started part by part and closed together. Main thread. */
final class DemoMesh implements AutoCloseable {

    private final DemoCluster cluster;
    private final Sidecar machine;

    DemoMesh(DemoPorts ports) throws StartupException {
        cluster = new DemoCluster(ports);
        try {
            machine = Sidecar.start(SidecarConfig.of(cluster.machineBootstrap())
                    .withDns(DnsSettings.defaults().withListen(Loopback.at(ports.dns()))));
        } catch (StartupException e) {
            cluster.close();
            throw e;
        }
    }

    Sidecar machine() {
        return machine;
    }

    DemoCluster cluster() {
        return cluster;
    }

    @Override
    public void close() {
        machine.close();
        cluster.close();
    }
}
