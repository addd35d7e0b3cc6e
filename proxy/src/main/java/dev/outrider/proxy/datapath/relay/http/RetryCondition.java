package dev.outrider.proxy.datapath.relay.http;

import java.util.List;
import java.util.Map;

/** Envoy's retry conditions (x-envoy-retry-on and x-envoy-retry-grpc-on) as bits of a mask. */
final class RetryCondition {

    static final int FIVE_XX = 1;
    static final int GATEWAY_ERROR = 1 << 1;
    static final int RESET = 1 << 2;
    static final int CONNECT_FAILURE = 1 << 3;
    static final int REFUSED_STREAM = 1 << 4;
    static final int RETRIABLE_4XX = 1 << 5;
    static final int STATUS_CODES = 1 << 6;
    static final int HEADERS = 1 << 7;
    static final int ENVOY_RATELIMITED = 1 << 8;
    static final int RESET_BEFORE_REQUEST = 1 << 9;
    static final int GRPC_CANCELLED = 1 << 10;
    static final int GRPC_DEADLINE = 1 << 11;
    static final int GRPC_RESOURCE = 1 << 12;
    static final int GRPC_UNAVAILABLE = 1 << 13;
    static final int GRPC_INTERNAL = 1 << 14;
    static final int GRPC = GRPC_CANCELLED | GRPC_DEADLINE | GRPC_RESOURCE | GRPC_UNAVAILABLE | GRPC_INTERNAL;

    private static final Map<String, Integer> NAMES = Map.ofEntries(
            Map.entry("5xx", FIVE_XX),
            Map.entry("gateway-error", GATEWAY_ERROR),
            Map.entry("reset", RESET),
            Map.entry("connect-failure", CONNECT_FAILURE),
            Map.entry("refused-stream", REFUSED_STREAM),
            Map.entry("retriable-4xx", RETRIABLE_4XX),
            Map.entry("retriable-status-codes", STATUS_CODES),
            Map.entry("retriable-headers", HEADERS),
            Map.entry("envoy-ratelimited", ENVOY_RATELIMITED),
            Map.entry("reset-before-request", RESET_BEFORE_REQUEST),
            Map.entry("cancelled", GRPC_CANCELLED),
            Map.entry("deadline-exceeded", GRPC_DEADLINE),
            Map.entry("resource-exhausted", GRPC_RESOURCE),
            Map.entry("unavailable", GRPC_UNAVAILABLE),
            Map.entry("internal", GRPC_INTERNAL));

    private RetryCondition() {}

    /** Unknown names count as nothing, as in Envoy. */
    static int mask(List<String> names) {
        int mask = 0;
        for (String name : names) {
            mask |= NAMES.getOrDefault(name.strip(), 0);
        }
        return mask;
    }

    static int mask(String list) {
        return mask(List.of(list.split(",", -1)));
    }

    static boolean grpc(int mask, int status) {
        return switch (status) {
            case 1 -> (mask & GRPC_CANCELLED) != 0;
            case 4 -> (mask & GRPC_DEADLINE) != 0;
            case 8 -> (mask & GRPC_RESOURCE) != 0;
            case 13 -> (mask & GRPC_INTERNAL) != 0;
            case 14 -> (mask & GRPC_UNAVAILABLE) != 0;
            default -> false;
        };
    }
}
