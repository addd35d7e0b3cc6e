package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.ca.CaClient;
import dev.outrider.proxy.identity.ca.CaSettings;
import dev.outrider.proxy.identity.credential.CredentialException;
import dev.outrider.proxy.identity.credential.Token;
import dev.outrider.proxy.identity.credential.TokenSource;
import dev.outrider.proxy.identity.files.FileModes;
import dev.outrider.proxy.identity.spiffe.WorkloadApi;
import dev.outrider.xds.SecretSource;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.model.Secret;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * This machine's identity while the process runs; serves the secrets {@code default} and {@code ROOTCA} as Istio's agent does. Has the identity thread;
 * questions from any thread.
 */
public final class WorkloadIdentity implements SecretSource, AutoCloseable {

    public static final String CERTIFICATE = "default";
    public static final String TRUST = "ROOTCA";

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.identity");

    private record Watch(String name, Consumer<Secret> sink) {}

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("outrider-identity").daemon().unstarted(task));
    private final Clock clock = Clock.systemUTC();
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> firstOutcome = new CompletableFuture<>();
    private final IdentitySettings settings;
    private final IdentityKeeper keeper;
    private final @Nullable WorkloadApi workloadApi;
    private volatile IdentityState state = IdentityState.NONE;

    /** {@code transport}: where the calls to the CA live, never a data loop. */
    public WorkloadIdentity(IdentitySettings settings, GrpcTransport transport) {
        this.settings = settings;
        CaSettings ca = settings.ca();
        keeper = new IdentityKeeper(settings,
                new IdentityKeeper.Parts(
                        ca == null ? null : new CaClient(ca, transport, this::onThread, clock),
                        new RenewalSchedule(settings.grace(), settings.jitter(), () -> ThreadLocalRandom.current().nextDouble()), clock),
                this::published);
        Path socket = settings.workloadApi();
        workloadApi = socket == null ? null : new WorkloadApi(socket, transport, thread, new WorkloadApi.Receiver() {
            @Override
            public void received(Secret.Certificate certificate, List<X509Certificate> roots) {
                keeper.provided(certificate, roots);
            }

            @Override
            public void failed(String line) {
                keeper.notProvided(line);
            }
        });
    }

    private void onThread(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.FINE, "an answer came after the end", e);
        }
    }

    /** Blocks for reading what is on disk, then returns; the CA is asked meanwhile. */
    public void start() {
        CompletableFuture.runAsync(keeper::start, thread).join();
        onThread(this::tick);
        if (workloadApi != null) {
            onThread(workloadApi::open);
        }
    }

    /** Asks the CA at the next look, whatever is left of the certificate. */
    public void renewNow() {
        onThread(keeper::renewNow);
    }

    private void tick() {
        Instant next = clock.instant().plusSeconds(1);
        try {
            next = keeper.tick();
        } catch (RuntimeException e) {
            LOG.log(Level.SEVERE, "the identity could not be looked after; it is tried again", e);
        }
        if (!thread.isShutdown()) {
            thread.schedule(this::tick, Math.max(1, Duration.between(clock.instant(), next).toMillis()), TimeUnit.MILLISECONDS);
        }
    }

    private void published(IdentityState next) {
        IdentityState before = state;
        state = next;
        for (Watch watch : watches) {
            Secret secret = secret(next, watch.name());
            if (secret != null && !secret.equals(secret(before, watch.name()))) {
                watch.sink().accept(secret);
            }
        }
        boolean nobodyToAsk = next.nextAttempt() == null && workloadApi == null;
        if (next.certificate() != null || !next.problem().isEmpty() || nobodyToAsk) {
            firstOutcome.complete(null);
        }
    }

    /** Completes with the first certificate, or when it is known that there is none yet. */
    public CompletableFuture<Void> firstOutcome() {
        return firstOutcome.copy();
    }

    public IdentityState state() {
        return state;
    }

    /** What holds for keys on this machine. */
    public FileModes modes() {
        return settings.modes();
    }

    /** The bearer token for the control plane, null = none that counts. Any thread. */
    public @Nullable String bearer() {
        TokenSource source = settings.tokens();
        if (source == null) {
            return null;
        }
        try {
            Token token = source.remembered();
            return token == null || token.expired(clock.instant()) ? null : token.text();
        } catch (CredentialException e) {
            return null;
        }
    }

    @Override
    public boolean serves(String name) {
        return name.equals(CERTIFICATE) || name.equals(TRUST);
    }

    @Override
    public @Nullable Secret now(String name) {
        return secret(state, name);
    }

    private static @Nullable Secret secret(IdentityState from, String name) {
        WorkloadCertificate certificate = from.certificate();
        return switch (name) {
            case CERTIFICATE -> certificate == null ? null : certificate.pem();
            case TRUST -> from.trust();
            default -> null;
        };
    }

    @Override
    public AutoCloseable watch(String name, Consumer<Secret> sink) {
        Watch watch = new Watch(name, sink);
        // On the identity thread, so that no state falls between the first answer and the next.
        onThread(() -> {
            Secret secret = secret(state, name);
            watches.add(watch);
            if (secret != null) {
                sink.accept(secret);
            }
        });
        return () -> watches.remove(watch);
    }

    @Override
    public void close() {
        if (workloadApi != null) {
            workloadApi.close();
        }
        thread.shutdownNow();
    }
}
