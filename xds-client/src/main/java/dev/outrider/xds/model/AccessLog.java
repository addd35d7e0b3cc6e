package dev.outrider.xds.model;

import dev.outrider.xds.model.match.Matchers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** envoy.config.accesslog.v3.AccessLog. */
public record AccessLog(Sink sink, Filter filter) {

    public sealed interface Sink {

        /** /dev/stdout and /dev/stderr mean the process's own streams. */
        record File(String path, Format format) implements Sink {}

        /** A sink that is not built: accepted, without effect. */
        record Observer(String name, String typeUrl) implements Sink {}
    }

    public sealed interface Format {

        /** envoy's default text format. */
        record Default() implements Format {}

        /** Command operators, line end as given. */
        record Text(String format, boolean omitEmptyValues) implements Format {}

        /** Values are format strings, numbers, booleans, lists or maps. */
        record Json(Map<String, @Nullable Object> fields, boolean omitEmptyValues, boolean sortKeys) implements Format {}
    }

    /** envoy.config.accesslog.v3.AccessLogFilter. */
    public sealed interface Filter {

        record Always() implements Filter {}

        record And(List<Filter> filters) implements Filter {}

        record Or(List<Filter> filters) implements Filter {}

        record Status(Op op, long value) implements Filter {}

        /** Milliseconds. */
        record DurationMillis(Op op, long value) implements Filter {}

        record NotHealthCheck() implements Filter {}

        record Traceable() implements Filter {}

        record RuntimeShare(String key, Matchers.Fraction share) implements Filter {}

        record HeaderIs(Matchers.Header matcher) implements Filter {}

        /** Empty = any flag at all. */
        record Flags(List<String> flags) implements Filter {}

        /** Names such as OK, UNAVAILABLE. */
        record GrpcStatus(List<String> statuses, boolean exclude) implements Filter {}

        record MetadataIs(Matchers.@Nullable MetadataPath matcher, boolean matchIfMissing) implements Filter {}

        /** A CEL expression. */
        record Cel(String expression) implements Filter {}

        record LogType(List<String> types, boolean exclude) implements Filter {}
    }

    public enum Op { EQ, GE, LE, NE }
}
