package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.connection.StreamInfo;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Operators over bytes, addresses and connections. */
final class ConnectionOperators {

    private ConnectionOperators() {}

    static void register(Map<String, OperatorCatalog.Factory> all) {
        bytes(all);
        address(all, "DOWNSTREAM_LOCAL", c -> c.info.connection.destination());
        address(all, "DOWNSTREAM_REMOTE", c -> remote(c.info));
        address(all, "DOWNSTREAM_DIRECT_REMOTE", c -> c.info.connection.directRemote());
        address(all, "UPSTREAM_REMOTE", c -> c.info.upstreamLocal == null ? null : c.info.upstreamHost);
        address(all, "UPSTREAM_LOCAL", c -> c.info.upstreamLocal);
        all.put("UPSTREAM_HOST", a -> (c, out) -> host(c.info, out));
        all.put("UPSTREAM_HOST_NAME", a -> (c, out) -> c.info.upstreamHostName.isEmpty() ? host(c.info, out) : append(c.info.upstreamHostName, out));
        all.put("UPSTREAM_HOST_NAME_WITHOUT_PORT", a -> (Operator.Text) c -> withoutPort(c.info));
        all.put("UPSTREAM_CLUSTER", a -> (Operator.Text) c -> c.info.upstreamCluster);
        all.put("UPSTREAM_CLUSTER_RAW", a -> (Operator.Text) c -> c.info.upstreamCluster);
        all.put("UPSTREAM_TRANSPORT_FAILURE_REASON", a -> (Operator.Text) c -> c.info.upstreamTransportFailure.replace(' ', '_'));
        all.put("UPSTREAM_REQUEST_ATTEMPT_COUNT", a -> (Operator.Number) c -> c.info.attempts);
        all.put("UPSTREAM_PROTOCOL", a -> (Operator.Text) c -> c.info.upstreamProtocol);
        all.put("UPSTREAM_CONNECTION_ID", a -> (Operator.Number) c -> c.info.upstreamConnectionId);
        all.put("REQUESTED_SERVER_NAME", a -> (Operator.Text) c -> c.info.connection.sni());
        all.put("FILTER_CHAIN_NAME", a -> (Operator.Text) c -> c.info.connection.filterChainName());
        all.put("CONNECTION_ID", a -> (Operator.Number) c -> c.info.connection.id());
        all.put("CONNECTION_TERMINATION_DETAILS", a -> (Operator.Text) c -> c.info.connectionTerminationDetails.isEmpty()
                ? c.info.connection.terminationDetails() : c.info.connectionTerminationDetails);
        all.put("DOWNSTREAM_TRANSPORT_FAILURE_REASON", a -> (Operator.Text) c -> c.info.connection.transportFailure().replace(' ', '_'));
        all.put("DOWNSTREAM_DETECTED_CLOSE_TYPE", a -> (Operator.Text) c -> "Normal");
        all.put("UNIQUE_ID", a -> (Operator.Text) c -> UUID.randomUUID().toString());
        String hostName = hostName();
        all.put("HOSTNAME", a -> (Operator.Text) c -> hostName);
        all.put("ENVIRONMENT", a -> {
            String value = System.getenv(HttpOperators.argument("ENVIRONMENT", a));
            return (Operator.Text) c -> value == null ? "-" : value;
        });
    }

    private static void bytes(Map<String, OperatorCatalog.Factory> all) {
        all.put("BYTES_RECEIVED", a -> (Operator.Number) c -> c.info.bytesReceived);
        all.put("BYTES_SENT", a -> (Operator.Number) c -> c.info.bytesSent);
        all.put("UPSTREAM_WIRE_BYTES_SENT", a -> (Operator.Number) c -> c.info.upstreamHeaderBytesSent + c.info.upstreamBytesSent);
        all.put("UPSTREAM_WIRE_BYTES_RECEIVED", a -> (Operator.Number) c -> c.info.upstreamHeaderBytesReceived + c.info.upstreamBytesReceived);
        all.put("UPSTREAM_HEADER_BYTES_SENT", a -> (Operator.Number) c -> c.info.upstreamHeaderBytesSent);
        all.put("UPSTREAM_HEADER_BYTES_RECEIVED", a -> (Operator.Number) c -> c.info.upstreamHeaderBytesReceived);
        all.put("DOWNSTREAM_WIRE_BYTES_SENT", a -> (Operator.Number) c -> c.info.wireBytesSent > 0 ? c.info.wireBytesSent : c.info.headerBytesSent + c.info.bytesSent);
        all.put("DOWNSTREAM_WIRE_BYTES_RECEIVED", a -> (Operator.Number) c -> c.info.wireBytesReceived > 0 ? c.info.wireBytesReceived : c.info.headerBytesReceived + c.info.bytesReceived);
        all.put("DOWNSTREAM_HEADER_BYTES_SENT", a -> (Operator.Number) c -> c.info.headerBytesSent);
        all.put("DOWNSTREAM_HEADER_BYTES_RECEIVED", a -> (Operator.Number) c -> c.info.headerBytesReceived);
    }

    @FunctionalInterface
    private interface Address {
        @Nullable InetSocketAddress of(LogContext context);
    }

    private static void address(Map<String, OperatorCatalog.Factory> all, String prefix, Address address) {
        all.put(prefix + "_ADDRESS", a -> (c, out) -> append(address.of(c), true, out));
        all.put(prefix + "_ADDRESS_WITHOUT_PORT", a -> (c, out) -> append(address.of(c), false, out));
        all.put(prefix + "_PORT", a -> (Operator.Number) c -> {
            InetSocketAddress at = address.of(c);
            return at == null ? -1 : at.getPort();
        });
    }

    private static InetSocketAddress remote(StreamInfo info) {
        InetSocketAddress trusted = info.remote;
        return trusted == null ? info.connection.directRemote() : trusted;
    }

    private static boolean append(@Nullable InetSocketAddress at, boolean port, Line out) {
        if (at == null) {
            return false;
        }
        write(at, port, out);
        return true;
    }

    /** {@code 1.2.3.4:5} or {@code [::1]:5}; without the port, the bare address. */
    private static void write(InetSocketAddress at, boolean port, Line out) {
        if (!(at.getAddress() instanceof Inet4Address four)) {
            out.append(text(at, port));
            return;
        }
        byte[] octets = four.getAddress();
        for (int i = 0; i < octets.length; i++) {
            if (i > 0) {
                out.append('.');
            }
            out.append(octets[i] & 0xff);
        }
        if (port) {
            out.append(':').append(at.getPort());
        }
    }

    static String text(InetSocketAddress at, boolean port) {
        InetAddress ip = at.getAddress();
        String host = ip == null ? at.getHostString() : ip.getHostAddress();
        int scope = host.indexOf('%');
        host = scope < 0 ? host : host.substring(0, scope);
        if (!port) {
            return compressed(host);
        }
        return host.indexOf(':') >= 0 ? "[" + compressed(host) + "]:" + at.getPort() : host + ":" + at.getPort();
    }

    /** IPv6 with its longest run of zeros as {@code ::} (RFC 5952), as the C library prints it. */
    private static String compressed(String host) {
        if (host.indexOf(':') < 0 || host.contains("::")) {
            return host;
        }
        String[] groups = host.split(":", -1);
        int best = -1;
        int bestLength = 1;
        for (int i = 0; i < groups.length; i++) {
            int n = 0;
            while (i + n < groups.length && groups[i + n].equals("0")) {
                n++;
            }
            if (n > bestLength) {
                best = i;
                bestLength = n;
            }
        }
        if (best < 0) {
            return host;
        }
        String head = String.join(":", java.util.Arrays.asList(groups).subList(0, best));
        String tail = String.join(":", java.util.Arrays.asList(groups).subList(best + bestLength, groups.length));
        return head + "::" + tail;
    }

    private static boolean host(StreamInfo info, Line out) {
        return info.upstreamHost == null ? append(info.upstreamHostText, out) : append(info.upstreamHost, true, out);
    }

    private static boolean append(String text, Line out) {
        out.append(text);
        return !text.isEmpty();
    }

    private static @Nullable String withoutPort(StreamInfo info) {
        String name = info.upstreamHostName;
        if (!name.isEmpty()) {
            int colon = name.lastIndexOf(':');
            return colon > name.lastIndexOf(']') && name.indexOf(':') == colon ? name.substring(0, colon) : name;
        }
        InetSocketAddress at = info.upstreamHost;
        return at == null ? info.upstreamHostText : text(at, false);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "";
        }
    }
}
