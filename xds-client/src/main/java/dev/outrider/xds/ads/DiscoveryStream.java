package dev.outrider.xds.ads;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.source.ConfigSource;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stream to one control plane, kept up for ever: subscribes, hands over what comes, acknowledges, and reconnects with full-jitter
 * backoff. Control thread only. Envoy's "xDS REST and gRPC protocol" is the contract.
 */
public final class DiscoveryStream implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(DiscoveryStream.class.getName());

    /** A server may split its first answer; what none of the parts has named by then vanished between two streams. */
    private static final long RESUME_MILLIS = 2_000;

    private final ConfigSource.Grpc source;
    private final @Nullable ResourceType single;
    private final Bytes node;
    private final Dialler dialler;
    private final DeliverySink sink;
    private final ScheduledExecutorService control;
    private final StreamLimits limits;
    private final Random random = new Random();
    private final Map<ResourceType, Subscription> subscriptions = new EnumMap<>(ResourceType.class);

    private @Nullable WorkloadHealth health;
    private @Nullable WorkloadHealth toldHealth;
    private @Nullable ManagedChannel channel;
    private @Nullable WireCall call;
    private @Nullable ScheduledFuture<?> retry;
    private int attempts;
    private int failures;
    private boolean started;
    private boolean closed;
    private boolean delivering;
    private boolean answered;

    /** {@code single}: the only type of this stream's own service; null = aggregated. */
    DiscoveryStream(
            ConfigSource.Grpc source, @Nullable ResourceType single, Bytes node, Dialler dialler, DeliverySink sink,
            StreamSettings settings) {
        this.source = source;
        this.single = single;
        this.node = node;
        this.dialler = dialler;
        this.sink = sink;
        this.control = settings.control();
        this.limits = settings.limits();
    }

    /** Wants everything of a wildcard type, from now on. */
    public void want(ResourceType type) {
        subscription(type).active = true;
        flush();
    }

    /** Wants exactly these names from now on. */
    public void want(ResourceType type, Set<String> names) {
        Subscription subscription = subscription(type);
        subscription.active = true;
        subscription.wanted.clear();
        subscription.wanted.addAll(names);
        subscription.held.keySet().retainAll(names);
        flush();
    }

    /** Tells the control plane from now on, on this stream and on each that replaces it. */
    public void health(WorkloadHealth news) {
        health = news;
        flush();
    }

    private Subscription subscription(ResourceType type) {
        return subscriptions.computeIfAbsent(type, Subscription::new);
    }

    public void start() {
        if (!started) {
            started = true;
            connect();
        }
    }

    private void connect() {
        retry = null;
        if (closed) {
            return;
        }
        try {
            channel = dialler.dial(source, attempts++);
        } catch (IOException e) {
            broken(Status.UNAVAILABLE.withDescription(e.getMessage()));
            return;
        }
        subscriptions.values().forEach(Subscription::newStream);
        answered = false;
        toldHealth = null;
        call = WireCall.open(channel, source, single, node, dialler.credentials(), new WireCall.Receiver() {
            @Override
            public void received(WireCall from, WireCall.Response response) {
                if (from == call) {
                    answer(response);
                }
            }

            @Override
            public void closed(WireCall from, Status status) {
                if (from == call) {
                    broken(status);
                }
            }
        });
        flush();
    }

    private void broken(Status status) {
        call = null;
        if (channel != null) {
            channel.shutdownNow();
            channel = null;
        }
        if (closed) {
            return;
        }
        String reason = status.getCode() + (status.getDescription() == null ? "" : ": " + status.getDescription());
        tell(false);
        Set<ResourceType> open = EnumSet.noneOf(ResourceType.class);
        subscriptions.forEach((type, subscription) -> {
            if (subscription.active) {
                open.add(type);
            }
        });
        open.forEach(type -> sink.failed(type, reason));
        long bound = Math.min(limits.backoffMaxMillis(), limits.backoffBaseMillis() << Math.min(failures++, 16));
        long delay = random.nextLong(bound + 1);
        LOG.log(System.Logger.Level.WARNING, "xDS stream to {0} ended, next attempt in {1} ms: {2}",
                source.cluster().isEmpty() ? source.target() : source.cluster(), delay, reason);
        retry = control.schedule(this::connect, delay, TimeUnit.MILLISECONDS);
    }

    /** Who gives neither listeners nor clusters is no control plane: Istio's service for secrets is on the machine itself. */
    private void tell(boolean connected) {
        if (single == null || single.wholeState()) {
            sink.connected(connected);
        }
    }

    /** Sends what is due. While a response is being taken in, its acknowledgement goes first. */
    private void flush() {
        WireCall to = call;
        if (to == null || delivering) {
            return;
        }
        for (ResourceType type : ResourceType.values()) {
            Subscription subscription = subscriptions.get(type);
            if (subscription == null) {
                continue;
            }
            if (subscription.dueFirst() && inOrder(type)) {
                to.first(subscription);
                sink.attempted(type);
            } else if (subscription.namesChanged()) {
                to.names(subscription);
                sink.attempted(type);
            }
        }
        tellHealth(to);
    }

    /** Only after listeners were asked for: istiod drops what it is told before it knows whose it is. */
    private void tellHealth(WireCall to) {
        WorkloadHealth news = health;
        Subscription listeners = subscriptions.get(ResourceType.LISTENER);
        if (news != null && !news.equals(toldHealth) && listeners != null && listeners.requested) {
            toldHealth = news;
            to.health(news);
        }
    }

    /** Clusters before the listeners and routes that lead to them; the name table after listeners, as Istio's agent does. */
    private boolean inOrder(ResourceType type) {
        return switch (type) {
            case LISTENER -> {
                Subscription clusters = subscriptions.get(ResourceType.CLUSTER);
                yield clusters == null || !clusters.active || clusters.answered;
            }
            case NAME_TABLE -> {
                Subscription listeners = subscriptions.get(ResourceType.LISTENER);
                yield listeners == null || listeners.requested;
            }
            default -> true;
        };
    }

    private void answer(WireCall.Response response) {
        Subscription subscription = response.type() == null ? null : subscriptions.get(response.type());
        WireCall from = call;
        if (subscription == null || from == null) {
            return;
        }
        failures = 0;
        if (!answered) {
            answered = true;
            tell(true);
        }
        subscription.nonce = response.nonce();
        DeliverySink.Outcome outcome;
        delivering = true;
        try {
            resume(subscription, from);
            outcome = sink.deliver(response.delivery());
        } finally {
            delivering = false;
        }
        subscription.answered = true;
        subscription.held.keySet().removeAll(outcome.gone());
        subscription.held.putAll(outcome.accepted());
        if (outcome.rejections().isEmpty()) {
            subscription.version = response.delivery().version();
            subscription.refusedVersion = "";
        }
        long pause = pauseMillis(subscription, outcome.rejections(), response.delivery().version());
        if (pause == 0) {
            from.acknowledge(subscription, outcome.rejections());
        } else {
            control.schedule(() -> {
                if (from == call && subscription.nonce.equals(response.nonce())) {
                    from.acknowledge(subscription, outcome.rejections());
                }
            }, pause, TimeUnit.MILLISECONDS);
        }
        flush();
    }

    /**
     * Not every server names what vanished between two streams, or sends all there is in one response. The delta protocol has no end of the
     * first answer: some time does for it.
     */
    private void resume(Subscription subscription, WireCall from) {
        if (subscription.fresh && source.delta() && subscription.type.wholeState()) {
            sink.resuming(subscription.type);
            control.schedule(() -> {
                if (from == call) {
                    sink.resumed(subscription.type);
                }
            }, RESUME_MILLIS, TimeUnit.MILLISECONDS);
        }
        subscription.fresh = false;
    }

    /** Some servers answer a refusal at once with the very same: the second refusal of a version waits, and each further one longer. */
    private long pauseMillis(Subscription subscription, List<String> rejections, String version) {
        if (rejections.isEmpty() || source.delta()) {
            return 0;
        }
        if (!version.equals(subscription.refusedVersion)) {
            subscription.refusedVersion = version;
            subscription.refusals = 0;
            return 0;
        }
        return Math.min(limits.backoffMaxMillis(), limits.backoffBaseMillis() << Math.min(subscription.refusals++, 16));
    }

    @Override
    public void close() {
        closed = true;
        if (retry != null) {
            retry.cancel(false);
        }
        if (call != null) {
            call.cancel();
            call = null;
        }
        if (channel != null) {
            channel.shutdownNow();
            channel = null;
        }
    }
}
