package dev.outrider.xds.model;

import java.net.InetAddress;

/** Where a listener binds or an endpoint lives (envoy.config.core.v3.Address). */
public sealed interface Address {

    /** An IP address literal and a port (0 = any). */
    record Ip(InetAddress ip, int port) implements Address {
        @Override
        public String toString() {
            String host = ip.getHostAddress();
            return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
        }
    }

    /** A DNS name and a port: endpoints of STRICT_DNS and LOGICAL_DNS clusters only. */
    record Named(String host, int port) implements Address {
        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /** A Unix domain socket; a leading {@code @} means the abstract name space. */
    record Pipe(String path) implements Address {
        @Override
        public String toString() {
            return path;
        }
    }

    /** An internal listener of the proxy itself (HBONE); understood, never dialled. */
    record Internal(String listener, String endpointId) implements Address {}
}
