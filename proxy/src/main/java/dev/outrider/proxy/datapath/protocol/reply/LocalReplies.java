package dev.outrider.proxy.datapath.protocol.reply;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.telemetry.accesslog.AccessLogs;
import dev.outrider.proxy.telemetry.accesslog.GrpcStatus;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.proxy.telemetry.accesslog.LogFilter;
import dev.outrider.xds.model.AccessLog;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations.Append;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes the heads and bodies of the proxy's own answers, gRPC's form included, by local_reply_config where there is one. Immutable. */
public final class LocalReplies {

    private record Mapper(LogFilter filter, HttpConnectionManager.LocalReplies.Mapper model, @Nullable Function<LogContext, String> format) {}

    private final List<Mapper> mappers = new ArrayList<>();
    private final @Nullable Function<LogContext, String> format;
    private final boolean json;

    public LocalReplies(HttpConnectionManager.@Nullable LocalReplies model) {
        AccessLog.Format body = model == null ? null : model.bodyFormat();
        format = body == null ? null : AccessLogs.body(body);
        json = body instanceof AccessLog.Format.Json;
        if (model != null) {
            for (HttpConnectionManager.LocalReplies.Mapper mapper : model.mappers()) {
                AccessLog.Format own = mapper.bodyFormat();
                mappers.add(new Mapper(LogFilter.compile(mapper.filter()), mapper, own == null ? null : AccessLogs.body(own)));
            }
        }
    }

    /** Fills {@code head}; the body, perhaps empty. */
    public byte[] fill(LocalReply reply, ResponseHead head, LogContext log, boolean grpc) {
        int status = reply.status();
        String body = reply.body();
        head.reset(status);
        log.info.responseCode = status;
        log.response = head;
        log.localReplyBody = body;
        String type = "text/plain";
        if (!mappers.isEmpty() || format != null) {
            Function<LogContext, String> chosen = format;
            boolean asJson = json;
            for (Mapper mapper : mappers) {
                if (mapper.filter.logs(log)) {
                    status = mapper.model.statusCode() > 0 ? mapper.model.statusCode() : status;
                    head.status(status);
                    log.info.responseCode = status;
                    String given = mapper.model.body();
                    log.localReplyBody = given == null ? log.localReplyBody : given;
                    for (Append add : mapper.model.headersToAdd()) {
                        head.headers().add(add.name(), add.value());
                    }
                    if (mapper.format != null) {
                        chosen = mapper.format;
                        asJson = mapper.model.bodyFormat() instanceof AccessLog.Format.Json;
                    }
                    break;
                }
            }
            body = chosen == null ? log.localReplyBody : chosen.apply(log);
            type = chosen != null && asJson ? "application/json" : type;
        }
        log.localReplyBody = "";
        byte[] bytes = grpc ? grpc(reply, head, status, body) : plain(head, type, body);
        for (LocalReply.Field field : reply.fields()) {
            HeaderName name = HeaderName.of(field.name());
            head.headers().set(name, field.value());
        }
        return bytes;
    }

    private static byte[] plain(ResponseHead head, String type, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0) {
            head.headers().add(HeaderName.CONTENT_LENGTH, Integer.toString(bytes.length));
            head.headers().add(HeaderName.CONTENT_TYPE, type);
        }
        return bytes;
    }

    private static byte[] grpc(LocalReply reply, ResponseHead head, int status, String body) {
        head.status(200);
        head.headers().add(HeaderName.CONTENT_TYPE, "application/grpc");
        int number = reply.grpcStatus() >= 0 ? reply.grpcStatus() : GrpcStatus.ofHttp(status);
        head.headers().add(HeaderName.GRPC_STATUS, Integer.toString(number));
        if (!body.isEmpty()) {
            head.headers().add(HeaderName.GRPC_MESSAGE, percent(body));
        }
        return new byte[0];
    }

    /** grpc-message's percent encoding (gRPC over HTTP/2, "Responses"). */
    private static String percent(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xff;
            if (c >= 0x20 && c < 0x7f && c != '%') {
                out.append((char) c);
            } else {
                out.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16))).append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
        return out.toString();
    }
}
