package dev.outrider.proxy.machine.setting;

import java.nio.file.Path;

/** Where the guides put an operator's files. Tests use another root. */
public record Places(Path root) {

    public Path clusterEnv() {
        return root.resolve("var/lib/istio/envoy/cluster.env");
    }

    public Path sidecarEnv() {
        return root.resolve("var/lib/istio/envoy/sidecar.env");
    }

    public Path meshConfig() {
        return root.resolve("etc/istio/config/mesh");
    }

    /** Outrider's own file. */
    public Path own() {
        return root.resolve("etc/outrider/outrider.yaml");
    }

    public Path certificates() {
        return root.resolve("etc/certs");
    }
}
