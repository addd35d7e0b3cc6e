package dev.outrider.proxy.mesh;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.ExtraSourceAddress;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.AdditionalAddress;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.List;

/**
 * What istiod sends where services have addresses of both families, made from what it sent for IPv4: 10.96.0.11 is fd00:96::11 too. Endpoints are
 * IPv6 only, so that nothing gets there by the other family.
 */
final class DualStack {

    private DualStack() {}

    static Any of(Any any) throws InvalidProtocolBufferException {
        return switch (any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('.') + 1)) {
            case "Listener" -> Any.pack(listener(any.unpack(Listener.class)));
            case "Cluster" -> Any.pack(cluster(any.unpack(Cluster.class)));
            case "RouteConfiguration" -> Any.pack(routes(any.unpack(RouteConfiguration.class)));
            case "ClusterLoadAssignment" -> Any.pack(endpoints(any.unpack(ClusterLoadAssignment.class)));
            case "NameTable" -> any.toBuilder().setValue(names(any.getValue())).build();
            default -> any;
        };
    }

    /** "" = there is none. */
    private static String twin(String ip) {
        return switch (ip) {
            case "0.0.0.0" -> "::";
            case "127.0.0.6" -> "::6";
            default -> ip.startsWith("10.96.0.") || ip.startsWith("10.44.0.") ? "fd00:" + ip.substring(3, 5) + "::" + ip.substring(8) : "";
        };
    }

    private static Address twin(Address address) {
        SocketAddress socket = address.getSocketAddress();
        return Address.newBuilder().setSocketAddress(socket.toBuilder().setAddress(twin(socket.getAddress()))).build();
    }

    private static boolean has(Address address) {
        return !twin(address.getSocketAddress().getAddress()).isEmpty();
    }

    private static Listener listener(Listener listener) {
        return has(listener.getAddress())
                ? listener.toBuilder().addAdditionalAddresses(AdditionalAddress.newBuilder().setAddress(twin(listener.getAddress()))).build() : listener;
    }

    private static Cluster cluster(Cluster cluster) {
        Cluster.Builder builder = cluster.toBuilder();
        Address source = Address.newBuilder().setSocketAddress(cluster.getUpstreamBindConfig().getSourceAddress()).build();
        if (has(source)) {
            builder.getUpstreamBindConfigBuilder().addExtraSourceAddresses(ExtraSourceAddress.newBuilder().setAddress(twin(source).getSocketAddress()));
        }
        return builder.build();
    }

    private static RouteConfiguration routes(RouteConfiguration routes) {
        RouteConfiguration.Builder builder = routes.toBuilder();
        builder.getVirtualHostsBuilderList().forEach(host -> {
            for (String domain : List.copyOf(host.getDomainsList())) {
                int colon = domain.indexOf(':');
                String twin = twin(colon < 0 ? domain : domain.substring(0, colon));
                if (!twin.isEmpty()) {
                    host.addDomains("[" + twin + "]" + (colon < 0 ? "" : domain.substring(colon)));
                }
            }
        });
        return builder.build();
    }

    private static ClusterLoadAssignment endpoints(ClusterLoadAssignment assignment) {
        ClusterLoadAssignment.Builder builder = assignment.toBuilder();
        builder.getEndpointsBuilderList().forEach(group -> group.getLbEndpointsBuilderList().forEach(endpoint -> {
            Address address = endpoint.getEndpoint().getAddress();
            if (has(address)) {
                endpoint.getEndpointBuilder().setAddress(twin(address));
            }
        }));
        return builder.build();
    }

    private static ByteString names(ByteString table) throws InvalidProtocolBufferException {
        NameTable.Builder builder = NameTable.parseFrom(table).toBuilder();
        builder.getTableMap().forEach((name, info) -> {
            NameTable.NameInfo.Builder both = info.toBuilder();
            info.getIpsList().stream().map(DualStack::twin).filter(twin -> !twin.isEmpty()).forEach(both::addIps);
            builder.putTable(name, both.build());
        });
        return builder.build().toByteString();
    }
}
