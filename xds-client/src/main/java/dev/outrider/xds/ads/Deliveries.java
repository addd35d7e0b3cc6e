package dev.outrider.xds.ads;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DiscoveryResponse;
import dev.outrider.xds.proto.envoy.service.discovery.v3.Resource;
import dev.outrider.xds.proto.google.protobuf.Any;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Responses of both protocols, and files that hold one, as deliveries. Any thread. */
final class Deliveries {

    private static final String WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

    private Deliveries() {}

    /** {@code type} null: a type that is not ours; the delivery is then empty. */
    static Delivery whole(@Nullable ResourceType type, DiscoveryResponse message) {
        List<Delivery.Item> items = new ArrayList<>(message.getResourcesCount());
        for (Any any : message.getResourcesList()) {
            items.add(unwrapped(any, message.getVersionInfo()));
        }
        ResourceType known = type == null ? ResourceType.SECRET : type;
        return new Delivery(known, message.getVersionInfo(), known.wholeState(), type == null ? List.of() : items, Set.of());
    }

    private static Delivery.Item unwrapped(Any any, String version) {
        if (any.getTypeUrl().equals(WRAPPER)) {
            try {
                Resource wrapper = Resource.parseFrom(any.getValue());
                return new Delivery.Item(wrapper.getName(), version, wrapper.getResource());
            } catch (InvalidProtocolBufferException e) {
                return new Delivery.Item("", version, any);
            }
        }
        return new Delivery.Item("", version, any);
    }

    static Delivery delta(@Nullable ResourceType type, DeltaDiscoveryResponse message) {
        List<Delivery.Item> items = new ArrayList<>(message.getResourcesCount());
        for (Resource resource : message.getResourcesList()) {
            items.add(new Delivery.Item(resource.getName(), resource.getVersion(), resource.getResource()));
        }
        ResourceType known = type == null ? ResourceType.SECRET : type;
        return new Delivery(
                known, message.getSystemVersionInfo(), false, type == null ? List.of() : items, Set.copyOf(message.getRemovedResourcesList()));
    }
}
