package dev.outrider.xds.resource.part;

import dev.outrider.xds.model.AccessLog;
import dev.outrider.xds.model.AccessLog.Filter;
import dev.outrider.xds.model.AccessLog.Format;
import dev.outrider.xds.model.AccessLog.Op;
import dev.outrider.xds.model.AccessLog.Sink;
import dev.outrider.xds.proto.envoy.config.accesslog.v3.AccessLogFilter;
import dev.outrider.xds.proto.envoy.config.accesslog.v3.ComparisonFilter;
import dev.outrider.xds.proto.envoy.config.accesslog.v3.ExtensionFilter;
import dev.outrider.xds.proto.envoy.config.core.v3.SubstitutionFormatString;
import dev.outrider.xds.proto.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import dev.outrider.xds.proto.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import dev.outrider.xds.proto.envoy.extensions.access_loggers.stream.v3.StderrAccessLog;
import dev.outrider.xds.proto.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import dev.outrider.xds.proto.google.protobuf.Struct;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** envoy.config.accesslog.v3.AccessLog: files and standard streams; any other sink only observes and is ignored by name. Pure. */
public final class AccessLogParser {

    private static final String LOGGERS = "envoy.extensions.access_loggers.";
    private static final Filter ALWAYS = new Filter.Always();
    private static final Set<String> FLAGS = Set.of(
            "LH", "UH", "UT", "LR", "UR", "UF", "UC", "UO", "NR", "DI", "FI", "RL", "UAEX", "RLSE", "DC", "URX", "SI", "IH", "DPE",
            "UMSDR", "RFCF", "NFCF", "DT", "UPE", "NC", "OM", "DF", "DO", "DR", "UDO");

    private AccessLogParser() {}

    public static List<AccessLog> parse(
            List<dev.outrider.xds.proto.envoy.config.accesslog.v3.AccessLog> messages, String field, Scope at) {
        List<AccessLog> logs = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            var message = messages.get(i);
            Scope here = at.at(field, i);
            logs.add(new AccessLog(
                    sink(message, here),
                    message.hasFilter() ? filter(message.getFilter(), here.at("filter")) : ALWAYS));
        }
        return List.copyOf(logs);
    }

    private static Sink sink(dev.outrider.xds.proto.envoy.config.accesslog.v3.AccessLog message, Scope at) {
        Scope config = at.at("typed_config");
        Extension extension = Extension.of(message.getName(), message.getTypedConfig(), config);
        return switch (extension.type()) {
            case LOGGERS + "file.v3.FileAccessLog" -> file(extension.read(FileAccessLog.getDefaultInstance(), config), config);
            case LOGGERS + "stream.v3.StdoutAccessLog" -> new Sink.File("/dev/stdout", format(
                    extension.read(StdoutAccessLog.getDefaultInstance(), config).getLogFormat(), config.at("log_format")));
            case LOGGERS + "stream.v3.StderrAccessLog" -> new Sink.File("/dev/stderr", format(
                    extension.read(StderrAccessLog.getDefaultInstance(), config).getLogFormat(), config.at("log_format")));
            default -> {
                extension.ignored(at);
                yield new Sink.Observer(extension.name(), extension.type());
            }
        };
    }

    private static Sink file(FileAccessLog message, Scope at) {
        Format format = switch (message.getAccessLogFormatCase()) {
            case FORMAT -> text(message.getFormat(), false, at.at("format"));
            case JSON_FORMAT -> json(message.getJsonFormat(), false);
            case TYPED_JSON_FORMAT -> json(message.getTypedJsonFormat(), false);
            case LOG_FORMAT -> format(message.getLogFormat(), at.at("log_format"));
            case ACCESSLOGFORMAT_NOT_SET -> new Format.Default();
        };
        return new Sink.File(Fields.notEmpty(message.getPath(), at.at("path")), format);
    }

    /** Formatters add operators that print; one that is not built prints nothing. */
    public static Format format(SubstitutionFormatString message, Scope at) {
        for (int i = 0; i < message.getFormattersCount(); i++) {
            var formatter = message.getFormatters(i);
            Extension.of(formatter.getName(), formatter.getTypedConfig(), at.at("formatters", i)).ignored(at);
        }
        return switch (message.getFormatCase()) {
            case TEXT_FORMAT -> text(message.getTextFormat(), message.getOmitEmptyValues(), at.at("text_format"));
            case TEXT_FORMAT_SOURCE -> text(
                    Fields.data(message.getTextFormatSource(), at.at("text_format_source")).toUtf8(), message.getOmitEmptyValues(),
                    at.at("text_format_source"));
            case JSON_FORMAT -> json(message.getJsonFormat(), message.getOmitEmptyValues());
            case FORMAT_NOT_SET -> new Format.Default();
        };
    }

    private static Format text(String format, boolean omitEmpty, Scope at) {
        return format.isEmpty() ? new Format.Default() : new Format.Text(FormatSyntax.check(format, at), omitEmpty);
    }

    /** Envoy prints keys sorted, whatever sort_properties says. */
    private static Format json(Struct fields, boolean omitEmpty) {
        return new Format.Json(Trees.map(fields), omitEmpty, true);
    }

    public static Filter filter(AccessLogFilter message, Scope at) {
        return switch (message.getFilterSpecifierCase()) {
            case STATUS_CODE_FILTER -> {
                ComparisonFilter comparison = message.getStatusCodeFilter().getComparison();
                yield new Filter.Status(op(comparison, at), Integer.toUnsignedLong(comparison.getValue().getDefaultValue()));
            }
            case DURATION_FILTER -> {
                ComparisonFilter comparison = message.getDurationFilter().getComparison();
                yield new Filter.DurationMillis(op(comparison, at), Integer.toUnsignedLong(comparison.getValue().getDefaultValue()));
            }
            case NOT_HEALTH_CHECK_FILTER -> new Filter.NotHealthCheck();
            case TRACEABLE_FILTER -> new Filter.Traceable();
            case RUNTIME_FILTER -> new Filter.RuntimeShare(
                    Fields.notEmpty(message.getRuntimeFilter().getRuntimeKey(), at.at("runtime_filter").at("runtime_key")),
                    Fields.fraction(message.getRuntimeFilter().getPercentSampled(), at.at("runtime_filter").at("percent_sampled")));
            case AND_FILTER -> new Filter.And(filters(message.getAndFilter().getFiltersList(), at.at("and_filter")));
            case OR_FILTER -> new Filter.Or(filters(message.getOrFilter().getFiltersList(), at.at("or_filter")));
            case HEADER_FILTER ->
                new Filter.HeaderIs(MatcherParser.header(message.getHeaderFilter().getHeader(), at.at("header_filter").at("header")));
            case RESPONSE_FLAG_FILTER -> flags(message.getResponseFlagFilter().getFlagsList(), at.at("response_flag_filter"));
            case GRPC_STATUS_FILTER -> new Filter.GrpcStatus(
                    names(message.getGrpcStatusFilter().getStatusesList(), at.at("grpc_status_filter").at("statuses")),
                    message.getGrpcStatusFilter().getExclude());
            case EXTENSION_FILTER -> extension(message.getExtensionFilter(), at.at("extension_filter"));
            case METADATA_FILTER -> new Filter.MetadataIs(
                    message.getMetadataFilter().hasMatcher()
                            ? MatcherParser.metadata(message.getMetadataFilter().getMatcher(), at.at("metadata_filter").at("matcher"))
                            : null,
                    Fields.bool(message.getMetadataFilter().hasMatchIfKeyNotFound(),
                            message.getMetadataFilter().getMatchIfKeyNotFound(), true));
            case LOG_TYPE_FILTER -> new Filter.LogType(
                    names(message.getLogTypeFilter().getTypesList(), at.at("log_type_filter").at("types")),
                    message.getLogTypeFilter().getExclude());
            case FILTERSPECIFIER_NOT_SET -> {
                at.reject("access log filter is not set");
                yield ALWAYS;
            }
        };
    }

    private static List<Filter> filters(List<AccessLogFilter> messages, Scope at) {
        if (messages.size() < 2) {
            at.at("filters").reject("needs at least two filters");
        }
        List<Filter> filters = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            filters.add(filter(messages.get(i), at.at("filters", i)));
        }
        return List.copyOf(filters);
    }

    private static Filter flags(List<String> flags, Scope at) {
        for (int i = 0; i < flags.size(); i++) {
            if (!FLAGS.contains(flags.get(i))) {
                at.at("flags", i).reject("'" + flags.get(i) + "' is not a response flag");
            }
        }
        return new Filter.Flags(List.copyOf(flags));
    }

    private static List<String> names(List<? extends Enum<?>> values, Scope at) {
        List<String> names = new ArrayList<>(values.size());
        for (Enum<?> value : values) {
            if (value.name().equals("UNRECOGNIZED")) {
                at.reject("holds an unknown value");
            }
            names.add(value.name());
        }
        return List.copyOf(names);
    }

    /** A filter that is not built is left out with its sink still there: it decides about a line of log, not about a request. */
    private static Filter extension(ExtensionFilter message, Scope at) {
        Extension extension = Extension.of(message.getName(), message.getTypedConfig(), at);
        if (extension.type().equals(LOGGERS + "filters.cel.v3.ExpressionFilter")) {
            return new Filter.Cel(extension.read(ExpressionFilter.getDefaultInstance(), at).getExpression());
        }
        extension.ignored(at);
        return ALWAYS;
    }

    private static Op op(ComparisonFilter comparison, Scope at) {
        return switch (comparison.getOp()) {
            case EQ -> Op.EQ;
            case GE -> Op.GE;
            case LE -> Op.LE;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(comparison.getOpValue(), at.at("comparison").at("op"));
                yield Op.EQ;
            }
        };
    }
}
