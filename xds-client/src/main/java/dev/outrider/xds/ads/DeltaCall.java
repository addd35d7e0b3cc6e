package dev.outrider.xds.ads;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.proto.envoy.config.core.v3.Node;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import java.util.List;

/** The delta protocol: requests and responses say what changed. */
final class DeltaCall extends WireCall {

    private final ClientCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call;

    DeltaCall(
            ManagedChannel channel, CallOptions options, ConfigSource.Grpc source, String method, Bytes node, Receiver receiver) {
        super(node, source.nodeOnFirstMessageOnly());
        call = start(channel, options, source,
                descriptor(method, DeltaDiscoveryRequest.getDefaultInstance(), DeltaDiscoveryResponse.getDefaultInstance()), receiver,
                DeltaCall::response);
    }

    private static Response response(DeltaDiscoveryResponse message) {
        ResourceType type = ResourceType.ofUrl(message.getTypeUrl());
        return new Response(type, message.getNonce(), Deliveries.delta(type, message));
    }

    @Override
    void first(Subscription subscription) {
        subscription.requested = true;
        subscription.told.addAll(subscription.wanted);
        DeltaDiscoveryRequest.Builder request = request(subscription)
                .addAllResourceNamesSubscribe(subscription.wanted);
        // Not every server names what vanished between two streams: of a wildcard type all is asked for anew.
        if (!subscription.type.wildcard()) {
            request.putAllInitialResourceVersions(subscription.held);
        }
        call.sendMessage(request.build());
    }

    // Spontaneous requests carry no nonce, so that a push in flight cannot make them stale.
    @Override
    void names(Subscription subscription) {
        DeltaDiscoveryRequest.Builder request = request(subscription);
        for (String name : subscription.wanted) {
            if (subscription.told.add(name)) {
                request.addResourceNamesSubscribe(name);
            }
        }
        subscription.told.removeIf(name -> {
            boolean gone = !subscription.wanted.contains(name);
            if (gone) {
                request.addResourceNamesUnsubscribe(name);
            }
            return gone;
        });
        call.sendMessage(request.build());
    }

    @Override
    void acknowledge(Subscription subscription, List<String> rejections) {
        DeltaDiscoveryRequest.Builder request = request(subscription).setResponseNonce(subscription.nonce);
        if (!rejections.isEmpty()) {
            request.setErrorDetail(refusal(rejections));
        }
        call.sendMessage(request.build());
    }

    private DeltaDiscoveryRequest.Builder request(Subscription subscription) {
        DeltaDiscoveryRequest.Builder request = DeltaDiscoveryRequest.newBuilder().setTypeUrl(subscription.type.typeUrl());
        Node node = nodeIfDue();
        if (node != null) {
            request.setNode(node);
        }
        return request;
    }

    @Override
    void health(WorkloadHealth health) {
        DeltaDiscoveryRequest.Builder request = DeltaDiscoveryRequest.newBuilder().setTypeUrl(HEALTH_TYPE);
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
