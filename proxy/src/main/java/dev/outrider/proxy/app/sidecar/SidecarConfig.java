package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.admin.AgentPorts;
import dev.outrider.proxy.identity.workload.IdentitySettings;
import dev.outrider.xds.OnReject;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a process is started with.
 *
 * @param bootstrap text of an envoy.config.bootstrap.v3.Bootstrap, YAML or JSON
 * @param concurrency data event loops, at least 1
 * @param dns null for a process without DNS
 * @param agentPorts those of Istio's agent; null for none
 * @param commandLine as {@code /server_info} shows it
 * @param identity null = secrets come from where the bootstrap says
 */
public record SidecarConfig(
        String bootstrap,
        int concurrency,
        int drainSeconds,
        @Nullable DnsSettings dns,
        @Nullable Path adminAddressPath,
        AgentPorts.@Nullable Settings agentPorts,
        Mesh mesh,
        Map<String, Object> commandLine,
        @Nullable IdentitySettings identity) {

    /**
     * Configuration that control planes send.
     *
     * @param state directory in which the last known good one is kept, null = nowhere
     */
    public record Mesh(OnReject onReject, @Nullable Path state) {
        public static final Mesh DEFAULT = new Mesh(OnReject.KEEP, null);
    }

    /** Defaults for everything but the bootstrap. */
    public static SidecarConfig of(String bootstrap) {
        return new SidecarConfig(bootstrap, 2, 600, null, null, null, Mesh.DEFAULT, Map.of(), null);
    }

    public SidecarConfig withDns(DnsSettings other) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, other, adminAddressPath, agentPorts, mesh, commandLine, identity);
    }

    public SidecarConfig withConcurrency(int loops) {
        return new SidecarConfig(bootstrap, loops, drainSeconds, dns, adminAddressPath, agentPorts, mesh, commandLine, identity);
    }

    public SidecarConfig withMesh(Mesh other) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, agentPorts, other, commandLine, identity);
    }

    public SidecarConfig withAgentPorts(AgentPorts.Settings ports) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, ports, mesh, commandLine, identity);
    }

    public SidecarConfig withIdentity(@Nullable IdentitySettings own) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, agentPorts, mesh, commandLine, own);
    }
}
