package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.admin.AgentPorts;
import dev.outrider.proxy.app.sidecar.identity.Identities.PortIdentity;
import dev.outrider.proxy.explain.Surroundings.MachineRules;
import dev.outrider.proxy.identity.workload.IdentitySettings;
import dev.outrider.proxy.probe.Prober;
import dev.outrider.xds.OnReject;
import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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
 * @param local what the process knows and offers as this machine's own sidecar
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
        @Nullable IdentitySettings identity,
        Local local) {

    /**
     * Configuration that control planes send.
     *
     * @param state directory in which the last known good one is kept, null = nowhere
     */
    public record Mesh(OnReject onReject, @Nullable Path state) {
        public static final Mesh DEFAULT = new Mesh(OnReject.KEEP, null);
    }

    /**
     * The machine around the process.
     *
     * @param adminSocket Unix socket for the pages, beside their TCP port; null = none
     * @param rules what is known of the machine's rules, asked anew each time; null = nothing
     * @param log what the mesh logs to standard output goes there too; null = nowhere else
     * @param probe how the workload's health is found out; null = the control plane is told nothing
     * @param explicit where clients name their target themselves (SOCKS5, HTTP CONNECT), on loopback; null = nowhere
     * @param services loopback addresses, of which each service of the mesh gets one with listeners at its ports; null = none does
     * @param portIdentities identities of single inbound ports, beside the machine's own
     */
    public record Local(
            @Nullable Path adminSocket, @Nullable Supplier<MachineRules> rules, Prober.@Nullable Settings probe, @Nullable Path log,
            @Nullable InetSocketAddress explicit, @Nullable Cidr services, List<PortIdentity> portIdentities) {
        public static final Local NONE = new Local(null, null, null, null, null, null, List.of());

        /** On that port of 127.0.0.1; 0 = nowhere. */
        public Local withExplicit(int port) {
            return new Local(adminSocket, rules, probe, log, port == 0 ? null : new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), services, portIdentities);
        }

        /** From that range; "" = no service. Throws IllegalArgumentException for what is no range. */
        public Local withServices(String range) {
            return new Local(adminSocket, rules, probe, log, explicit, range.isBlank() ? null : Cidr.parse(range.strip()), portIdentities);
        }

        public Local withPortIdentities(List<PortIdentity> identities) {
            return new Local(adminSocket, rules, probe, log, explicit, services, List.copyOf(identities));
        }
    }

    /** Defaults for everything but the bootstrap. */
    public static SidecarConfig of(String bootstrap) {
        return new SidecarConfig(bootstrap, 2, 600, null, null, null, Mesh.DEFAULT, Map.of(), null, Local.NONE);
    }

    public SidecarConfig withDns(DnsSettings other) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, other, adminAddressPath, agentPorts, mesh, commandLine, identity, local);
    }

    public SidecarConfig withConcurrency(int loops) {
        return new SidecarConfig(bootstrap, loops, drainSeconds, dns, adminAddressPath, agentPorts, mesh, commandLine, identity, local);
    }

    public SidecarConfig withMesh(Mesh other) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, agentPorts, other, commandLine, identity, local);
    }

    public SidecarConfig withAgentPorts(AgentPorts.Settings ports) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, ports, mesh, commandLine, identity, local);
    }

    public SidecarConfig withLocal(Local other) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, agentPorts, mesh, commandLine, identity, other);
    }

    public SidecarConfig withIdentity(@Nullable IdentitySettings own) {
        return new SidecarConfig(bootstrap, concurrency, drainSeconds, dns, adminAddressPath, agentPorts, mesh, commandLine, own, local);
    }
}
