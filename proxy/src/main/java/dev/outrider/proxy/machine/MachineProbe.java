package dev.outrider.proxy.machine;

import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.probe.ProbeParser;
import dev.outrider.proxy.probe.Prober;
import dev.outrider.proxy.probe.ReadinessProbe;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** How the mesh wants to know of this machine's health: the WorkloadGroup's probe, which comes with mesh.yaml. */
public final class MachineProbe {

    /** As {@link EffectiveSettings} has it. */
    static final String VARIABLE = "OUTRIDER_READINESS_PROBE";

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.machine");

    /** Istio's own, for programs that listen on loopback alone. */
    private static final String ON_LOOPBACK = "REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION";

    private MachineProbe() {}

    /**
     * Null without a probe, and on a machine whose health the control plane does not take. {@code own}: this machine's addresses as its interfaces
     * have them. Throws IllegalArgumentException with file, line and what was expected.
     */
    public static Prober.@Nullable Settings of(EffectiveSettings settings, MachineConfig machine, List<String> own) {
        Map<String, String> env = settings.environment();
        String text = env.getOrDefault(VARIABLE, "{}");
        if (text.equals("{}")) {
            return null;
        }
        ReadinessProbe probe;
        try {
            probe = ProbeParser.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(settings.label(VARIABLE) + ": " + e.getMessage(), e);
        }
        if (!env.containsKey("ISTIO_META_AUTO_REGISTER_GROUP") && !env.containsKey("ISTIO_META_WORKLOAD_ENTRY")) {
            LOG.warning(settings.label(VARIABLE) + ": without effect, as the control plane takes the health of registered workloads only; set workload.group");
            return null;
        }
        return new Prober.Settings(probe, local(env, machine.addresses(), own));
    }

    /** The mesh may know an address that a NAT has and this machine has not. */
    private static InetAddress local(Map<String, String> env, List<String> addresses, List<String> own) {
        boolean first = !addresses.isEmpty() && own.contains(addresses.getFirst()) && !"true".equalsIgnoreCase(env.get(ON_LOOPBACK));
        return InetAddress.ofLiteral(first ? addresses.getFirst() : "127.0.0.1");
    }
}
