package dev.outrider.xds.ads;

import org.jspecify.annotations.Nullable;

/** What can be subscribed to, in the order in which it is asked for. */
public enum ResourceType {
    CLUSTER("envoy.config.cluster.v3.Cluster", true),
    ENDPOINTS("envoy.config.endpoint.v3.ClusterLoadAssignment", false),
    LISTENER("envoy.config.listener.v3.Listener", true),
    ROUTES("envoy.config.route.v3.RouteConfiguration", false),
    SECRET("envoy.extensions.transport_sockets.tls.v3.Secret", false),
    NAME_TABLE("istio.networking.nds.v1.NameTable", true);

    private static final String PREFIX = "type.googleapis.com/";

    private final String messageName;
    private final boolean wildcard;

    ResourceType(String messageName, boolean wildcard) {
        this.messageName = messageName;
        this.wildcard = wildcard;
    }

    public String typeUrl() {
        return PREFIX + messageName;
    }

    /** Asked for without names. */
    public boolean wildcard() {
        return wildcard;
    }

    /** State of the world: what is absent is gone. Holds of LDS and CDS alone. */
    public boolean wholeState() {
        return this == CLUSTER || this == LISTENER;
    }

    public static @Nullable ResourceType ofUrl(String typeUrl) {
        for (ResourceType type : values()) {
            if (typeUrl.equals(type.typeUrl())) {
                return type;
            }
        }
        return null;
    }
}
