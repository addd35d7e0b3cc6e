package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.connection.StreamInfo;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operators over points in time and the spans between them. */
final class TimeOperators {

    private TimeOperators() {}

    static void register(Map<String, OperatorCatalog.Factory> all) {
        all.put("START_TIME", a -> {
            TimeFormat format = TimeFormat.compile(a);
            return (c, out) -> {
                format.append(c.info.startMillis, out);
                return true;
            };
        });
        all.put("EMIT_TIME", a -> {
            TimeFormat format = TimeFormat.compile(a);
            return (c, out) -> {
                format.append(System.currentTimeMillis(), out);
                return true;
            };
        });
        all.put("DURATION", a -> (Operator.Number) c -> millis(c.info.startNanos, c.info.endNanos));
        all.put("REQUEST_DURATION", a -> (Operator.Number) c -> millis(c.info.startNanos, c.info.lastRequestByteNanos));
        all.put("REQUEST_TX_DURATION", a -> (Operator.Number) c -> millis(c.info.startNanos, c.info.lastUpstreamTxNanos));
        all.put("RESPONSE_DURATION", a -> (Operator.Number) c -> millis(c.info.startNanos, c.info.firstUpstreamRxNanos));
        all.put("RESPONSE_TX_DURATION", a -> (Operator.Number) c -> millis(c.info.firstUpstreamRxNanos, c.info.lastDownstreamTxNanos));
        all.put("UPSTREAM_CONNECTION_POOL_READY_DURATION", a -> (Operator.Number) c -> millis(c.info.startNanos, c.info.poolAnsweredNanos));
        all.put("DOWNSTREAM_HANDSHAKE_DURATION", a -> (Operator.Number) c -> -1);
        all.put("COMMON_DURATION", TimeOperators::span);
    }

    private static long millis(long from, long to) {
        return from == 0 || to == 0 ? -1 : Math.max(0, (to - from) / 1_000_000);
    }

    private static Operator span(@Nullable String argument) {
        String[] parts = argument == null ? new String[0] : argument.split(":", -1);
        if (parts.length < 2 || parts.length > 3) {
            throw new IllegalArgumentException("%COMMON_DURATION(" + argument + ")%: expected START:END:PRECISION");
        }
        Point from = point(parts[0]);
        Point to = point(parts[1]);
        long unit = switch (parts.length == 3 ? parts[2] : "ms") {
            case "ms" -> 1_000_000;
            case "us" -> 1_000;
            case "ns" -> 1;
            default -> throw new IllegalArgumentException("%COMMON_DURATION%: '" + parts[2] + "' is none of ms, us, ns");
        };
        return (Operator.Number) c -> {
            long begin = from.nanos(c.info);
            long end = to.nanos(c.info);
            return begin == 0 || end == 0 ? -1 : (end - begin) / unit;
        };
    }

    @FunctionalInterface
    private interface Point {
        long nanos(StreamInfo info);
    }

    private static Point point(String name) {
        return switch (name) {
            case "DS_RX_BEG" -> i -> i.startNanos;
            case "DS_RX_END" -> i -> i.lastRequestByteNanos;
            case "US_TX_BEG" -> i -> i.firstUpstreamTxNanos;
            case "US_TX_END" -> i -> i.lastUpstreamTxNanos;
            case "US_RX_BEG", "US_RX_BODY_BEG" -> i -> i.firstUpstreamRxNanos;
            case "US_RX_END" -> i -> i.lastUpstreamRxNanos;
            case "DS_TX_BEG" -> i -> i.firstDownstreamTxNanos;
            case "DS_TX_END" -> i -> i.lastDownstreamTxNanos;
            default -> i -> 0;
        };
    }
}
