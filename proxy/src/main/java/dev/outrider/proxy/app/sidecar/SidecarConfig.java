package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.admin.AgentPorts;
import dev.outrider.proxy.identity.workload.IdentitySettings;
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
        Map<String, Object> commandLine,
        @Nullable IdentitySettings identity) {

    /** Defaults for everything but the bootstrap. */
    public static SidecarConfig of(String bootstrap) {
        return new SidecarConfig(bootstrap, 2, 600, null, null, null, Map.of(), null);
    }

    public SidecarConfig withDns(DnsSettings other) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, other, adminAddressPath, agentPorts, commandLine, identity);
    }

    public SidecarConfig withConcurrency(int loops) {
        return new SidecarConfig(bootstrap, loops, drainSeconds, dns, adminAddressPath, agentPorts, commandLine, identity);
    }

    public SidecarConfig withAgentPorts(AgentPorts.Settings ports) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, ports, commandLine, identity);
    }

    public SidecarConfig withIdentity(@Nullable IdentitySettings own) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, agentPorts, commandLine, own);
    }
}
