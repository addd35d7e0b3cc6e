package dev.outrider.proxy.datapath.protocol.head;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpConnectionManager.Forwarding;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes a request's fields trustworthy: who the client is (x-forwarded-*), whether it is internal, and which x-envoy-* fields it may bring
 * (Envoy's ConnectionManagerUtility::mutateRequestHeaders). Immutable; any loop.
 */
public final class RequestSanitizer {

    private static final HeaderName INTERNAL = HeaderName.of("x-envoy-internal");
    private static final HeaderName EXTERNAL_ADDRESS = HeaderName.of("x-envoy-external-address");
    private static final HeaderName DECORATOR = HeaderName.of("x-envoy-decorator-operation");
    private static final HeaderName FORWARDED_PORT = HeaderName.of("x-forwarded-port");
    private static final HeaderName VIA = HeaderName.of("via");
    /** Only internal requests may bring them. */
    private static final HeaderName[] INTERNAL_ONLY = {
        HeaderName.of("x-envoy-retriable-status-codes"),
        HeaderName.of("x-envoy-retriable-header-names"),
        HeaderName.of("x-envoy-retry-on"),
        HeaderName.of("x-envoy-retry-grpc-on"),
        HeaderName.of("x-envoy-max-retries"),
        HeaderName.of("x-envoy-upstream-alt-stat-name"),
        HeaderName.of("x-envoy-upstream-rq-timeout-ms"),
        HeaderName.of("x-envoy-upstream-rq-per-try-timeout-ms"),
        HeaderName.of("x-envoy-upstream-rq-timeout-alt-response"),
        HeaderName.of("x-envoy-expected-rq-timeout-ms"),
        HeaderName.of("x-envoy-force-trace"),
        HeaderName.of("x-envoy-ip-tags"),
        HeaderName.of("x-envoy-original-url"),
        HeaderName.of("x-envoy-original-host"),
        HeaderName.of("x-envoy-hedge-on-per-try-timeout")
    };
    private static final byte[] ENVOY = {'x', '-', 'e', 'n', 'v', 'o', 'y', '-'};

    private final Forwarding forwarding;
    private final Cidr[] internal;

    public RequestSanitizer(HttpConnectionManager model) {
        forwarding = model.forwarding();
        internal = forwarding.internalCidrs().toArray(Cidr[]::new);
    }

    /** Changes {@code head} and sets the trusted address; whether the request is internal. */
    public boolean apply(RequestHead head, StreamInfo info) {
        Headers headers = head.headers();
        DownstreamConnection connection = info.connection;
        String scheme = connection.tls() == null ? "http" : "https";
        InetSocketAddress direct = connection.directRemote();
        InetSocketAddress trusted = direct;
        boolean single = false;
        if (forwarding.useRemoteAddress()) {
            single = !headers.contains(HeaderName.X_FORWARDED_FOR);
            if (forwarding.xffNumTrustedHops() > 0) {
                InetSocketAddress hop = hop(headers, forwarding.xffNumTrustedHops() - 1, direct);
                trusted = hop == null ? direct : hop;
            } else {
                headers.set(HeaderName.X_FORWARDED_PROTO, scheme);
            }
            if (!forwarding.skipXffAppend()) {
                append(headers, direct.getAddress().getHostAddress());
            }
            if (forwarding.appendXForwardedPort() && (forwarding.xffNumTrustedHops() == 0 || !headers.contains(FORWARDED_PORT))) {
                headers.set(FORWARDED_PORT, Integer.toString(connection.destination().getPort()));
            }
        } else {
            String all = headers.joined(HeaderName.X_FORWARDED_FOR);
            InetSocketAddress hop = all == null ? null : hop(headers, forwarding.xffNumTrustedHops(), direct);
            single = all == null || all.indexOf(',') < 0;
            trusted = hop == null ? direct : hop;
        }
        if (!headers.contains(HeaderName.X_FORWARDED_PROTO)) {
            headers.add(HeaderName.X_FORWARDED_PROTO, head.protocol() == RequestHead.Protocol.HTTP_2 && !head.scheme().isEmpty() ? head.scheme() : scheme);
        }
        if (headers.is(HeaderName.X_FORWARDED_PROTO, "http")) {
            head.scheme("http");
        } else if (headers.is(HeaderName.X_FORWARDED_PROTO, "https")) {
            head.scheme("https");
        }
        info.remote = trusted;
        boolean internal = single && internal(trusted.getAddress());
        restrict(headers, internal, trusted);
        requestId(headers, !internal && forwarding.useRemoteAddress());
        if (!forwarding.via().isEmpty()) {
            String via = headers.joined(VIA);
            headers.set(VIA, via == null ? forwarding.via() : via + ", " + forwarding.via());
        }
        return internal;
    }

    private boolean internal(@Nullable InetAddress address) {
        if (address != null) {
            for (Cidr range : internal) {
                if (range.contains(address)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void restrict(Headers headers, boolean internal, InetSocketAddress trusted) {
        if (internal) {
            headers.set(INTERNAL, "true");
            return;
        }
        boolean edge = forwarding.useRemoteAddress();
        if (anyEnvoy(headers)) {
            headers.remove(INTERNAL);
            if (edge) {
                headers.remove(DECORATOR);
            }
            for (HeaderName name : INTERNAL_ONLY) {
                headers.remove(name);
            }
        }
        if (edge && trusted.getAddress() != null) {
            headers.set(EXTERNAL_ADDRESS, trusted.getAddress().getHostAddress());
        }
    }

    /** Most requests bring no x-envoy-* field at all: one pass instead of one for each name. */
    private static boolean anyEnvoy(Headers headers) {
        byte[] bytes = headers.array();
        for (int slot = 0; slot < headers.slots(); slot++) {
            if (headers.isLive(slot) && headers.nameLength(slot) > ENVOY.length) {
                int from = headers.nameStart(slot);
                if (Arrays.equals(bytes, from, from + ENVOY.length, ENVOY, 0, ENVOY.length)) {
                    return true;
                }
            }
        }
        return false;
    }

    private void requestId(Headers headers, boolean edge) {
        if (!forwarding.generateRequestId()) {
            return;
        }
        boolean there = headers.contains(HeaderName.X_REQUEST_ID);
        if (!there || edge && !forwarding.preserveExternalRequestId()) {
            RequestIds.set(headers);
        }
    }

    private static void append(Headers headers, String address) {
        String there = headers.joined(HeaderName.X_FORWARDED_FOR);
        headers.set(HeaderName.X_FORWARDED_FOR, there == null || there.isEmpty() ? address : there + "," + address);
    }

    /** The address {@code skip} entries from the right of x-forwarded-for, or null. */
    private static @Nullable InetSocketAddress hop(Headers headers, int skip, InetSocketAddress direct) {
        String all = headers.joined(HeaderName.X_FORWARDED_FOR);
        if (all == null) {
            return null;
        }
        String[] entries = all.split(",", -1);
        int at = entries.length - 1 - skip;
        if (at < 0) {
            return null;
        }
        String text = entries[at].strip();
        try {
            return new InetSocketAddress(Cidr.ipLiteral(text), 0);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
