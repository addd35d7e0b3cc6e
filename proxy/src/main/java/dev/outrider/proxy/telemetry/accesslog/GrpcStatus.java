package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** The gRPC status of a finished stream: of its trailers, its response fields, or derived from the HTTP status as gRPC's own table says. */
public final class GrpcStatus {

    private static final String[] CAMEL = {
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
        "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss",
        "Unauthenticated"
    };
    private static final String[] SNAKE = {
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED"
    };

    private GrpcStatus() {}

    /** Whether the request speaks gRPC: content-type {@code application/grpc}, bare or with {@code +suffix}. */
    public static boolean isGrpc(Headers headers) {
        int slot = headers.find(HeaderName.CONTENT_TYPE, 0);
        if (slot < 0) {
            return false;
        }
        int length = headers.valueLength(slot);
        String grpc = "application/grpc";
        if (length < grpc.length()) {
            return false;
        }
        byte[] bytes = headers.array();
        int from = headers.valueStart(slot);
        for (int i = 0; i < grpc.length(); i++) {
            if (bytes[from + i] != grpc.charAt(i)) {
                return false;
            }
        }
        return length == grpc.length() || bytes[from + grpc.length()] == '+';
    }

    /** The number, or -1 where nothing says it. */
    public static int of(LogContext context) {
        Integer number = number(context.trailers);
        if (number == null && context.response != null) {
            number = number(context.response.headers());
        }
        if (number != null) {
            return number;
        }
        return context.info.responseCode == 0 ? -1 : ofHttp(context.info.responseCode);
    }

    private static @Nullable Integer number(@Nullable Headers headers) {
        String text = headers == null ? null : headers.get(HeaderName.GRPC_STATUS);
        if (text == null) {
            return null;
        }
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** gRPC's "HTTP to gRPC status code mapping". */
    public static int ofHttp(int status) {
        return switch (status) {
            case 400 -> 13;
            case 401 -> 16;
            case 403 -> 7;
            case 404 -> 12;
            case 429, 502, 503, 504 -> 14;
            default -> 2;
        };
    }

    static String snake(int number) {
        return number >= 0 && number < SNAKE.length ? SNAKE[number] : Integer.toString(number);
    }

    static Operator operator(String format) {
        if (format.equals("NUMBER")) {
            return (Operator.Number) c -> isGrpc(c.request) ? of(c) : -1;
        }
        String[] names = format.startsWith("SNAKE") ? SNAKE : CAMEL;
        return (Operator.Text) c -> {
            if (!isGrpc(c.request)) {
                return null;
            }
            int number = of(c);
            return number >= 0 && number < names.length ? names[number] : Integer.toString(number);
        };
    }

    private static boolean isGrpc(@Nullable RequestHead head) {
        return head != null && isGrpc(head.headers());
    }
}
