package dev.outrider.xds.ads;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.proto.envoy.config.core.v3.Node;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One gRPC stream in one of the two protocols. Callbacks and calls on the control thread. */
abstract class WireCall {

    /** A response; the type is null when it is not one of ours. */
    record Response(@Nullable ResourceType type, String nonce, Delivery delivery) {}

    interface Receiver {

        void received(WireCall from, Response response);

        void closed(WireCall from, Status status);
    }

    static final String HEALTH_TYPE = "type.googleapis.com/istio.v1.HealthInformation";

    private final boolean nodeOnce;
    private final Node node;
    private boolean nodeSent;

    WireCall(Bytes node, boolean nodeOnce) {
        this.nodeOnce = nodeOnce;
        Node parsed;
        try {
            parsed = Node.parseFrom(node.toArray());
        } catch (InvalidProtocolBufferException e) {
            parsed = Node.getDefaultInstance();
        }
        this.node = parsed;
    }

    static WireCall open(
            ManagedChannel channel, ConfigSource.Grpc source, @Nullable ResourceType single, Bytes node,
            @Nullable CallCredentials credentials, Receiver receiver) {
        CallOptions options = credentials == null ? CallOptions.DEFAULT : CallOptions.DEFAULT.withCallCredentials(credentials);
        return source.delta()
                ? new DeltaCall(channel, options, source, method(single, true), node, receiver)
                : new WholeCall(channel, options, source, method(single, false), node, receiver);
    }

    /** Envoy's services are named alike: one per type, and the aggregated one. */
    private static String method(@Nullable ResourceType single, boolean delta) {
        String service = switch (single) {
            case null -> "discovery.v3.AggregatedDiscoveryService/" + (delta ? "Delta" : "Stream") + "AggregatedResources";
            case CLUSTER -> "cluster.v3.ClusterDiscoveryService/" + (delta ? "Delta" : "Stream") + "Clusters";
            case ENDPOINTS -> "endpoint.v3.EndpointDiscoveryService/" + (delta ? "Delta" : "Stream") + "Endpoints";
            case LISTENER -> "listener.v3.ListenerDiscoveryService/" + (delta ? "Delta" : "Stream") + "Listeners";
            case ROUTES -> "route.v3.RouteDiscoveryService/" + (delta ? "Delta" : "Stream") + "Routes";
            case SECRET -> "secret.v3.SecretDiscoveryService/" + (delta ? "Delta" : "Stream") + "Secrets";
            case NAME_TABLE -> throw new IllegalArgumentException("name tables come over the aggregated stream only");
        };
        return "envoy.service." + service;
    }

    /** The first request of a type on this stream. */
    abstract void first(Subscription subscription);

    /** The names have changed since. */
    abstract void names(Subscription subscription);

    /** ACK, or NACK with the reasons. Carries no change of names in the delta protocol. */
    abstract void acknowledge(Subscription subscription, List<String> rejections);

    /** Istio's HealthInformation: a request that is never answered. */
    abstract void health(WorkloadHealth health);

    abstract void cancel();

    @Nullable Node nodeIfDue() {
        if (nodeSent && nodeOnce) {
            return null;
        }
        nodeSent = true;
        return node;
    }

    static dev.outrider.xds.proto.google.rpc.Status refusal(List<String> rejections) {
        return dev.outrider.xds.proto.google.rpc.Status.newBuilder()
                .setCode(Status.Code.INVALID_ARGUMENT.value())
                .setMessage(String.join("\n", rejections))
                .build();
    }

    /** As Istio's agent has it: what is wrong is an error, and what is right is none. */
    static dev.outrider.xds.proto.google.rpc.Status unhealthy(WorkloadHealth health) {
        return dev.outrider.xds.proto.google.rpc.Status.newBuilder().setCode(Status.Code.INTERNAL.value()).setMessage(health.reason()).build();
    }

    /** Starts the call and hands messages over one by one. */
    <Q extends MessageLite, A extends MessageLite> ClientCall<Q, A> start(
            ManagedChannel channel, CallOptions options, ConfigSource.Grpc source, MethodDescriptor<Q, A> method, Receiver receiver,
            Function<A, Response> read) {
        ClientCall<Q, A> call = channel.newCall(method, options);
        Metadata headers = new Metadata();
        for (Map.Entry<String, String> header : source.initialMetadata().entrySet()) {
            headers.put(Metadata.Key.of(header.getKey(), Metadata.ASCII_STRING_MARSHALLER), header.getValue());
        }
        call.start(new ClientCall.Listener<A>() {
            @Override
            public void onMessage(A message) {
                receiver.received(WireCall.this, read.apply(message));
                call.request(1);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                receiver.closed(WireCall.this, status);
            }
        }, headers);
        call.request(1);
        return call;
    }

    static <Q extends MessageLite, A extends MessageLite> MethodDescriptor<Q, A> descriptor(String name, Q request, A response) {
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName(name)
                .setRequestMarshaller(ProtoLiteUtils.marshaller(request))
                .setResponseMarshaller(ProtoLiteUtils.marshaller(response))
                .build();
    }
}
