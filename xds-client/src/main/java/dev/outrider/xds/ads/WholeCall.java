package dev.outrider.xds.ads;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.proto.envoy.config.core.v3.Node;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DiscoveryRequest;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import java.util.List;

/** State of the world: each request repeats all names, each LDS and CDS response is all there is. */
final class WholeCall extends WireCall {

    private final ClientCall<DiscoveryRequest, DiscoveryResponse> call;

    WholeCall(
            ManagedChannel channel, CallOptions options, ConfigSource.Grpc source, String method, Bytes node, Receiver receiver) {
        super(node, source.nodeOnFirstMessageOnly());
        call = start(channel, options, source,
                descriptor(method, DiscoveryRequest.getDefaultInstance(), DiscoveryResponse.getDefaultInstance()), receiver,
                WholeCall::response);
    }

    private static Response response(DiscoveryResponse message) {
        ResourceType type = ResourceType.ofUrl(message.getTypeUrl());
        return new Response(type, message.getNonce(), Deliveries.whole(type, message));
    }

    @Override
    void first(Subscription subscription) {
        subscription.requested = true;
        names(subscription);
    }

    @Override
    void names(Subscription subscription) {
        call.sendMessage(request(subscription).build());
    }

    @Override
    void acknowledge(Subscription subscription, List<String> rejections) {
        DiscoveryRequest.Builder request = request(subscription);
        if (!rejections.isEmpty()) {
            request.setErrorDetail(refusal(rejections));
        }
        call.sendMessage(request.build());
    }

    // A request whose nonce is stale is dropped whole by the server: the answer to the newer response carries the names again.
    private DiscoveryRequest.Builder request(Subscription subscription) {
        subscription.told.clear();
        subscription.told.addAll(subscription.wanted);
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder()
                .setTypeUrl(subscription.type.typeUrl())
                .setVersionInfo(subscription.version)
                .setResponseNonce(subscription.nonce)
                .addAllResourceNames(subscription.wanted);
        Node node = nodeIfDue();
        if (node != null) {
            request.setNode(node);
        }
        return request;
    }

    @Override
    void health(WorkloadHealth health) {
        DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder().setTypeUrl(HEALTH_TYPE);
        Node node = nodeIfDue();
        if (node != null) {
            request.setNode(node);
        }
        if (!health.healthy()) {
            request.setErrorDetail(unhealthy(health));
        }
        call.sendMessage(request.build());
    }

    @Override
    void cancel() {
        call.cancel("closed", null);
    }
}
