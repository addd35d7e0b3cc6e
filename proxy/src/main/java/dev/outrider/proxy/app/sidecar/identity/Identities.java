package dev.outrider.proxy.app.sidecar.identity;

import dev.outrider.proxy.admin.state.AdminState.PortIdentityView;
import dev.outrider.proxy.app.sidecar.stats.IdentityStats;
import dev.outrider.proxy.datapath.MeshTls;
import dev.outrider.proxy.identity.SecretStore;
import dev.outrider.proxy.identity.workload.IdentitySettings;
import dev.outrider.proxy.identity.workload.IdentityState;
import dev.outrider.proxy.identity.workload.WorkloadCertificate;
import dev.outrider.proxy.identity.workload.WorkloadIdentity;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.model.Secret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Whom this process speaks as: the machine's own identity, if it keeps that itself, and those of single inbound ports. Any thread. */
public final class Identities implements AutoCloseable {

    /** The ports that {@code settings}' identity answers for; {@code name} is the operator's. */
    public record PortIdentity(String name, Set<Integer> inboundPorts, IdentitySettings settings) {}

    private record Kept(String name, Set<Integer> ports, WorkloadIdentity identity) {}

    private final @Nullable WorkloadIdentity own;
    private final List<Kept> others = new ArrayList<>();

    /** {@code machine}: null = its secrets come from elsewhere. {@code transport}: where the calls to the CA live, never a data loop. */
    public Identities(@Nullable IdentitySettings machine, List<PortIdentity> ports, GrpcTransport transport) {
        own = machine == null ? null : new WorkloadIdentity(machine, transport);
        for (PortIdentity other : ports) {
            others.add(new Kept(other.name(), other.inboundPorts(), new WorkloadIdentity(other.settings(), transport)));
        }
    }

    public @Nullable WorkloadIdentity own() {
        return own;
    }

    public MeshTls tls() {
        return new MeshTls(new SecretStore(), others.stream().map(one -> new MeshTls.PortOwner(one.name(), one.ports(), one.identity())).toList());
    }

    public void start(Stats stats) {
        if (own != null) {
            own.start();
            IdentityStats.register(stats, own);
        }
        for (Kept one : others) {
            one.identity().start();
            IdentityStats.register(stats, one.name(), one.identity());
        }
    }

    /** Completes when each has its first certificate, or knows that it has none yet. */
    public CompletableFuture<Void> firstOutcomes() {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        if (own != null) {
            all.add(own.firstOutcome());
        }
        others.forEach(one -> all.add(one.identity().firstOutcome()));
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
    }

    /** Whether the machine itself can speak to the mesh. */
    public boolean serves(Instant now) {
        return own == null || own.state().serves(now);
    }

    /** What an operator should know, a line each. */
    public List<String> reasons(Instant now) {
        List<String> lines = new ArrayList<>(own == null ? List.of() : own.state().reasons(now));
        others.forEach(one -> lines.addAll(reasons(one, now)));
        return lines;
    }

    private static List<String> reasons(Kept one, Instant now) {
        return one.identity().state().reasons(now).stream().map(line -> line.replaceFirst("^identity", "identity " + one.name())).toList();
    }

    public List<PortIdentityView> views() {
        Instant now = Instant.now();
        return others.stream().map(one -> new PortIdentityView(
                one.name(), List.copyOf(new TreeSet<>(one.ports())), CertificateViews.of(secrets(one)), reasons(one, now))).toList();
    }

    private static Map<String, Secret> secrets(Kept one) {
        IdentityState state = one.identity().state();
        WorkloadCertificate certificate = state.certificate();
        return certificate == null ? Map.of() : Map.of(one.name(), certificate.pem());
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
        others.forEach(one -> one.identity().close());
    }
}
