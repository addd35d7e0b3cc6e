package dev.outrider.xds.bootstrap;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;

/** Who this proxy says it is (envoy.config.core.v3.Node); {@code wire} is the whole message, with metadata and locality. */
public record NodeIdentity(String id, String cluster, Bytes wire) {

    /** Where the mesh reaches it: the second part of Istio's node ids, {@code sidecar~10.150.0.5~vm.default~…}; loopback where the id is of another form. */
    public InetAddress address() {
        String[] part = id.split("~", -1);
        try {
            return part.length > 1 ? Cidr.ipLiteral(part[1]) : InetAddress.getLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return InetAddress.getLoopbackAddress();
        }
    }
}
