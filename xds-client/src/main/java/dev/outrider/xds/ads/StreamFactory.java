package dev.outrider.xds.ads;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.source.ConfigSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes streams that dial bootstrap clusters. Control thread. */
public final class StreamFactory {

    private final StreamSettings settings;
    private final Bytes node;
    private final Dialler dialler;

    public StreamFactory(
            GrpcTransport transport,
            StreamSettings settings,
            Bytes node,
            Function<String, @Nullable Cluster> clusters,
            Function<String, @Nullable Secret> secrets) {
        this.settings = settings;
        this.node = node;
        this.dialler = new Dialler(transport, settings.control(), settings.limits().maxMessageBytes(), clusters, secrets);
    }

    /** {@code single}: the type whose own service is called, null = the aggregated service. */
    public DiscoveryStream stream(ConfigSource.Grpc source, @Nullable ResourceType single, DeliverySink sink) {
        return new DiscoveryStream(source, single, node, dialler, sink, settings);
    }
}
