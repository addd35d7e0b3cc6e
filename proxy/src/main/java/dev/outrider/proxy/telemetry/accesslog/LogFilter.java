package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.connection.MetadataMatch;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.xds.model.AccessLog.Filter;
import dev.outrider.xds.model.AccessLog.Op;
import dev.outrider.xds.model.match.Matchers;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A compiled access log filter (envoy.config.accesslog.v3.AccessLogFilter). Pure but for runtime shares; any loop. */
@FunctionalInterface
public interface LogFilter {

    boolean logs(LogContext context);

    /** A CEL expression that {@link CelExpression} does not understand never logs. */
    static LogFilter compile(Filter model) {
        return switch (model) {
            case Filter.Always a -> c -> true;
            case Filter.And(List<Filter> filters) -> all(filters, true);
            case Filter.Or(List<Filter> filters) -> all(filters, false);
            case Filter.Status(Op op, long value) -> c -> compare(op, c.info.responseCode, value);
            case Filter.DurationMillis(Op op, long value) -> c -> compare(op, millis(c), value);
            case Filter.NotHealthCheck n -> c -> !c.info.healthCheck;
            case Filter.Traceable t -> c -> c.info.traceSampled;
            case Filter.RuntimeShare(String key, Matchers.Fraction share) ->
                c -> share.numerator() > 0 && ThreadLocalRandom.current().nextLong(share.denominator()) < share.numerator();
            case Filter.HeaderIs(Matchers.Header header) -> {
                HeaderMatch match = new HeaderMatch(header);
                yield c -> c.request != null && match.matches(c.request);
            }
            case Filter.Flags(List<String> names) -> {
                long mask = mask(names);
                yield c -> (c.info.flags & mask) != 0;
            }
            case Filter.GrpcStatus(List<String> statuses, boolean exclude) -> c -> {
                int status = GrpcStatus.of(c);
                return statuses.contains(GrpcStatus.snake(status < 0 ? 2 : status)) != exclude;
            };
            case Filter.MetadataIs(Matchers.MetadataPath matcher, boolean ifMissing) -> c -> metadata(matcher, ifMissing, c);
            case Filter.Cel(String expression) -> {
                LogFilter compiled = CelExpression.compile(expression);
                yield compiled == null ? c -> false : compiled;
            }
            case Filter.LogType(List<String> types, boolean exclude) -> c -> types.contains(c.type) != exclude;
        };
    }

    private static LogFilter all(List<Filter> models, boolean and) {
        LogFilter[] filters = models.stream().map(LogFilter::compile).toArray(LogFilter[]::new);
        return c -> {
            for (LogFilter filter : filters) {
                if (filter.logs(c) != and) {
                    return !and;
                }
            }
            return and;
        };
    }

    private static long millis(LogContext context) {
        long end = context.info.endNanos == 0 ? System.nanoTime() : context.info.endNanos;
        return (end - context.info.startNanos) / 1_000_000;
    }

    private static boolean compare(Op op, long value, long limit) {
        return switch (op) {
            case EQ -> value == limit;
            case GE -> value >= limit;
            case LE -> value <= limit;
            case NE -> value != limit;
        };
    }

    private static long mask(List<String> names) {
        if (names.isEmpty()) {
            return -1;
        }
        long mask = 0;
        for (ResponseFlag flag : ResponseFlag.values()) {
            mask |= names.contains(flag.name()) ? flag.bit() : 0;
        }
        return mask;
    }

    private static boolean metadata(Matchers.@Nullable MetadataPath matcher, boolean ifMissing, LogContext context) {
        if (matcher == null || MetadataMatch.value(matcher, context.info.dynamicMetadata()) == null) {
            return ifMissing;
        }
        return MetadataMatch.matches(matcher, context.info.dynamicMetadata());
    }
}
