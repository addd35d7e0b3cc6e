package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.xds.model.AccessLog;
import java.util.ArrayList;
import java.util.List;

/** The compiled access logs of a listener or filter. Immutable; any loop: the line is made by the caller's thread and written by another. */
public final class AccessLogs {

    /** Envoy's default format. */
    static final String DEFAULT_FORMAT = "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
            + "%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" "
            + "\"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

    public static final AccessLogs NONE = new AccessLogs(List.of());

    @FunctionalInterface
    private interface Format {
        void append(LogContext context, Line out);
    }

    private record Entry(LogFilter filter, Format format, LogSinks.Sink sink) {}

    private final Entry[] entries;

    private AccessLogs(List<Entry> entries) {
        this.entries = entries.toArray(Entry[]::new);
    }

    /** Throws IllegalArgumentException for an unknown operator or a file that cannot be opened. */
    public static AccessLogs compile(List<AccessLog> models, LogSinks sinks) {
        List<Entry> entries = new ArrayList<>();
        for (AccessLog model : models) {
            if (model.sink() instanceof AccessLog.Sink.File(String path, AccessLog.Format format)) {
                entries.add(new Entry(LogFilter.compile(model.filter()), format(format), sinks.sink(path)));
            }
        }
        return entries.isEmpty() ? NONE : new AccessLogs(entries);
    }

    private static Format format(AccessLog.Format model) {
        return switch (model) {
            case AccessLog.Format.Default d -> Template.compile(DEFAULT_FORMAT, false)::append;
            case AccessLog.Format.Text(String format, boolean omitEmpty) -> Template.compile(format, omitEmpty)::append;
            case AccessLog.Format.Json json -> new JsonFormat(json.fields(), json.omitEmptyValues())::append;
        };
    }

    /** A format for other uses than logs, such as bodies of local replies; JSON without its line end. */
    public static java.util.function.Function<LogContext, String> body(AccessLog.Format model) {
        Format format = format(model);
        boolean json = model instanceof AccessLog.Format.Json;
        return c -> {
            Line out = new Line(256);
            format.append(c, out);
            if (json) {
                out.setLength(out.length() - 1);
            }
            return out.toString();
        };
    }

    public boolean isEmpty() {
        return entries.length == 0;
    }

    /** Writes the line of a stream that is over (or, for other log types, in that state) to every sink whose filter wants it. */
    public void log(LogContext context) {
        for (Entry entry : entries) {
            if (entry.filter.logs(context)) {
                LogSinks.Lane lane = entry.sink.lane();
                Line line = lane.begin();
                entry.format.append(context, line);
                lane.end();
            }
        }
    }
}
