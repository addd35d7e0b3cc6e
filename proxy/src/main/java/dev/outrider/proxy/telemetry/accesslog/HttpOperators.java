package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.telemetry.accesslog.FieldOperator.Head;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operators over the heads of a request and its answer. */
final class HttpOperators {

    private static final HeaderName ORIGINAL_PATH = HeaderName.of("x-envoy-original-path");

    private HttpOperators() {}

    static void register(Map<String, OperatorCatalog.Factory> all) {
        all.put("REQ", a -> new FieldOperator(Head.REQUEST, argument("REQ", a)));
        all.put("RESP", a -> new FieldOperator(Head.RESPONSE, argument("RESP", a)));
        all.put("TRAILER", a -> new FieldOperator(Head.TRAILERS, argument("TRAILER", a)));
        all.put("REQ_WITHOUT_QUERY", a -> {
            Operator.Text whole = new FieldOperator(Head.REQUEST, argument("REQ_WITHOUT_QUERY", a));
            return (Operator.Text) c -> withoutQuery(whole.value(c));
        });
        all.put("PATH", HttpOperators::path);
        all.put("QUERY_PARAM", a -> {
            String name = argument("QUERY_PARAM", a);
            return (Operator.Text) c -> c.request == null ? null : parameter(c.request.path(), name);
        });
        all.put("QUERY_PARAMS", a -> (Operator.Text) c -> c.request == null ? null : query(c.request.path(), "DECODED".equals(a)));
        all.put("PROTOCOL", a -> (Operator.Text) c -> c.info.protocol);
        all.put("RESPONSE_CODE", a -> (Operator.Number) c -> c.info.responseCode);
        all.put("RESPONSE_CODE_DETAILS", a -> (Operator.Text) c -> "ALLOW_WHITESPACES".equals(a)
                ? c.info.responseCodeDetails : c.info.responseCodeDetails.replace(' ', '_'));
        all.put("RESPONSE_FLAGS", a -> (Operator.Text) c -> flags(c.info.flags, false));
        all.put("RESPONSE_FLAGS_LONG", a -> (Operator.Text) c -> flags(c.info.flags, true));
        all.put("LOCAL_REPLY_BODY", a -> (c, out) -> {
            out.append(c.localReplyBody);
            return true;
        });
        all.put("ACCESS_LOG_TYPE", a -> (Operator.Text) c -> c.type);
        all.put("GRPC_STATUS", a -> GrpcStatus.operator(a == null ? "CAMEL_STRING" : a));
        all.put("GRPC_STATUS_NUMBER", a -> GrpcStatus.operator("NUMBER"));
        all.put("REQUEST_HEADERS_BYTES", a -> (Operator.Number) c -> size(c.request));
        all.put("RESPONSE_HEADERS_BYTES", a -> (Operator.Number) c -> c.response == null ? 0 : size(c.response.headers()) + 10);
        all.put("RESPONSE_TRAILERS_BYTES", a -> (Operator.Number) c -> c.trailers == null ? 0 : size(c.trailers));
        all.put("ROUTE_NAME", a -> (Operator.Text) c -> c.info.routeName);
        all.put("STREAM_ID", a -> new FieldOperator(Head.REQUEST, "x-request-id"));
    }

    static String argument(String operator, @Nullable String argument) {
        if (argument == null || argument.isEmpty()) {
            throw new IllegalArgumentException("%" + operator + "% needs an argument in parentheses");
        }
        return argument;
    }

    private static @Nullable String withoutQuery(@Nullable String path) {
        if (path == null) {
            return null;
        }
        int mark = path.indexOf('?');
        return mark < 0 ? path : path.substring(0, mark);
    }

    private static Operator path(@Nullable String argument) {
        boolean query = true;
        String source = "ORIG_OR_PATH";
        for (String option : argument == null ? new String[0] : argument.split(":", -1)) {
            switch (option) {
                case "WQ", "" -> query = true;
                case "NQ" -> query = false;
                case "ORIG", "PATH", "ORIG_OR_PATH" -> source = option;
                default -> throw new IllegalArgumentException("%PATH(" + argument + ")%: '" + option + "' is none of WQ, NQ, ORIG, PATH, ORIG_OR_PATH");
            }
        }
        boolean withQuery = query;
        String from = source;
        return (Operator.Text) c -> {
            RequestHead head = c.request;
            if (head == null) {
                return null;
            }
            String value = from.equals("PATH") ? null : head.headers().get(ORIGINAL_PATH);
            if (value == null && !from.equals("ORIG")) {
                value = head.path();
            }
            return withQuery ? value : withoutQuery(value);
        };
    }

    private static @Nullable String query(String path, boolean decoded) {
        int mark = path.indexOf('?');
        if (mark < 0) {
            return null;
        }
        String query = path.substring(mark + 1);
        return decoded ? decode(query) : query;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static @Nullable String parameter(String path, String name) {
        String query = query(path, false);
        if (query == null) {
            return null;
        }
        for (String pair : query.split("&", -1)) {
            int is = pair.indexOf('=');
            if (decode(is < 0 ? pair : pair.substring(0, is)).equals(name)) {
                return is < 0 ? "" : decode(pair.substring(is + 1));
            }
        }
        return null;
    }

    /** Flags joined by commas, "-" where there is none. */
    static String flags(long flags, boolean longNames) {
        if (flags == 0) {
            return "-";
        }
        StringBuilder all = new StringBuilder();
        for (ResponseFlag flag : ResponseFlag.values()) {
            if ((flags & flag.bit()) != 0) {
                all.append(all.isEmpty() ? "" : ",").append(longNames ? flag.longName() : flag.name());
            }
        }
        return all.toString();
    }

    private static long size(@Nullable RequestHead head) {
        if (head == null) {
            return 0;
        }
        return size(head.headers()) + ":method".length() + head.method().length() + ":path".length() + head.path().length()
                + ":authority".length() + head.authority().length() + ":scheme".length() + head.scheme().length();
    }

    private static long size(Headers headers) {
        long all = 0;
        for (int slot = 0; slot < headers.slots(); slot++) {
            all += headers.isLive(slot) ? headers.nameLength(slot) + headers.valueLength(slot) : 0;
        }
        return all;
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
