package dev.outrider.xds.ads;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.model.source.ConfigSource;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens a gRPC channel to a bootstrap cluster, one endpoint after the other with each attempt. Control thread. */
final class Dialler {

    private static final Metadata.Key<String> AUTHORIZATION = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final GrpcTransport transport;
    private final Executor control;
    private final int maxMessageBytes;
    private final Function<String, @Nullable Cluster> clusters;
    private final Function<String, @Nullable Secret> secrets;

    Dialler(
            GrpcTransport transport,
            Executor control,
            int maxMessageBytes,
            Function<String, @Nullable Cluster> clusters,
            Function<String, @Nullable Secret> secrets) {
        this.transport = transport;
        this.control = control;
        this.maxMessageBytes = maxMessageBytes;
        this.clusters = clusters;
        this.secrets = secrets;
    }

    /** Throws with a reason that names the cluster and what it lacks. */
    ManagedChannel dial(ConfigSource.Grpc source, int attempt) throws IOException {
        if (source.cluster().isEmpty()) {
            return finish(NettyChannelBuilder.forTarget(source.target()).channelType(transport.tcp()).usePlaintext());
        }
        Cluster cluster = clusters.apply(source.cluster());
        if (cluster == null) {
            throw new IOException("cluster '" + source.cluster() + "' is not in the bootstrap");
        }
        List<Endpoint> endpoints = cluster.loadAssignment() == null ? List.of()
                : cluster.loadAssignment().groups().stream().flatMap(group -> group.endpoints().stream()).toList();
        if (endpoints.isEmpty()) {
            throw new IOException("cluster '" + source.cluster() + "' has no endpoint");
        }
        NettyChannelBuilder builder = to(endpoints.get(attempt % endpoints.size()).address(), source.cluster());
        try {
            secure(builder, cluster);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("TLS of cluster '" + source.cluster() + "': " + e.getMessage(), e);
        }
        if (cluster.http().keepaliveIntervalNanos() > 0) {
            builder.keepAliveTime(cluster.http().keepaliveIntervalNanos(), TimeUnit.NANOSECONDS)
                    .keepAliveTimeout(Math.max(1, cluster.http().keepaliveTimeoutNanos()), TimeUnit.NANOSECONDS);
        }
        return finish(builder);
    }

    private NettyChannelBuilder to(Address address, String cluster) throws IOException {
        return switch (address) {
            case Address.Ip ip -> NettyChannelBuilder.forAddress(new InetSocketAddress(ip.ip(), ip.port())).channelType(transport.tcp());
            case Address.Named named -> NettyChannelBuilder.forAddress(named.host(), named.port()).channelType(transport.tcp());
            case Address.Pipe pipe -> {
                if (transport.unix() == null) {
                    throw new IOException("cluster '" + cluster + "' is at a Unix socket, which this system does not have");
                }
                yield NettyChannelBuilder.forAddress(new DomainSocketAddress(pipe.path()))
                        .channelType(transport.unix()).overrideAuthority("localhost");
            }
            case Address.Internal internal ->
                throw new IOException("cluster '" + cluster + "' is at the internal listener '" + internal.listener() + "'");
        };
    }

    private void secure(NettyChannelBuilder builder, Cluster cluster) throws IOException, GeneralSecurityException {
        if (cluster.transportSocket() instanceof TransportSocket.UpstreamTls tls) {
            SslContext context = ClientTls.context(tls, secrets);
            builder.negotiationType(NegotiationType.TLS).sslContext(tls.sni().isEmpty() ? context : new NamedServerContext(context, tls.sni()));
            if (!tls.sni().isEmpty()) {
                builder.overrideAuthority(tls.sni());
            }
        } else {
            builder.usePlaintext();
        }
    }

    private ManagedChannel finish(NettyChannelBuilder builder) {
        return builder.eventLoopGroup(transport.loops())
                .executor(control)
                .maxInboundMessageSize(maxMessageBytes)
                .disableRetry()
                .disableServiceConfigLookUp()
                .userAgent("outrider")
                .build();
    }

    /** Null when no token is wanted or to be had: the client certificate then speaks. */
    @Nullable CallCredentials credentials() {
        Supplier<@Nullable String> supplier = transport.token();
        String token = supplier == null ? null : supplier.get();
        if (token == null || token.isBlank()) {
            return null;
        }
        Metadata headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + token.strip());
        return new CallCredentials() {
            @Override
            public void applyRequestMetadata(RequestInfo request, Executor executor, MetadataApplier applier) {
                // Whoever listens on the way must not get it.
                applier.apply(request.getSecurityLevel() == SecurityLevel.NONE ? new Metadata() : headers);
            }
        };
    }
}
