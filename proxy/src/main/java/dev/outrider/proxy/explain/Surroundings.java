package dev.outrider.proxy.explain;

import dev.outrider.dns.DnsShim;
import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import dev.outrider.xds.MeshSnapshot;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The process in which a request is followed.
 *
 * @param dns null in a process without DNS
 * @param refusals of the control plane's resources, {@code [type, name] reason}, the newest first
 * @param address under which the mesh reaches this machine
 * @param machine what is known of the machine's rules; null in a process that runs on a bootstrap alone
 */
public record Surroundings(
        DataPath path, @Nullable DnsShim dns, Supplier<MeshSnapshot> mesh, Supplier<List<String>> refusals, InetAddress address,
        @Nullable Supplier<MachineRules> machine) {

    /** Why that resource was refused last, "" = it was not. */
    String refusal(String type, String name) {
        String subject = "[" + type + ", " + name + "] ";
        return refusals.get().stream().filter(line -> line.startsWith(subject)).map(line -> line.substring(subject.length())).findFirst().orElse("");
    }

    /**
     * Rules of the machine. The supplier throws IllegalArgumentException that names what is wrong with the settings.
     *
     * @param addresses of this machine, loopback aside
     * @param applied the tool by which rules were installed, "" = none are
     * @param guarded whether something puts them back when they are changed
     */
    public record MachineRules(InterceptionPlan plan, List<InetAddress> addresses, String applied, boolean guarded) {}
}
