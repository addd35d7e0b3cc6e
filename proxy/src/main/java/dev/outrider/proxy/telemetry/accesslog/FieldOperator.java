package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/** A field of a head, or another where the first is absent; written from the head's own bytes, without a string between. Immutable. */
final class FieldOperator implements Operator.Text {

    /** Whose field. */
    enum Head { REQUEST, RESPONSE, TRAILERS }

    private final Head head;
    private final HeaderName main;
    private final @Nullable HeaderName other;

    /** {@code argument}: {@code NAME} or {@code NAME?OTHER}. */
    FieldOperator(Head head, String argument) {
        this.head = head;
        int or = argument.indexOf('?');
        main = HeaderName.of(or < 0 ? argument : argument.substring(0, or));
        other = or < 0 ? null : HeaderName.of(argument.substring(or + 1));
    }

    @Override
    public boolean write(LogContext context, Line out) {
        HeaderName second = other;
        int first = write(context, main, out);
        return (first < 0 && second != null ? write(context, second, out) : first) > 0;
    }

    /** How many bytes it has; -1 where it is absent. */
    private int write(LogContext context, HeaderName name, Line out) {
        Headers fields = fields(context);
        int slot = fields == null ? -1 : fields.find(name, 0);
        if (fields != null && slot >= 0) {
            out.append(fields.array(), fields.valueStart(slot), fields.valueLength(slot));
            return fields.valueLength(slot);
        }
        String pseudo = pseudo(context, name);
        if (pseudo == null) {
            return -1;
        }
        out.append(pseudo);
        return pseudo.length();
    }

    @Override
    public @Nullable String value(LogContext context) {
        HeaderName second = other;
        String first = value(context, main);
        return first == null && second != null ? value(context, second) : first;
    }

    private @Nullable String value(LogContext context, HeaderName name) {
        Headers fields = fields(context);
        String value = fields == null ? null : fields.get(name);
        return value == null ? pseudo(context, name) : value;
    }

    private @Nullable Headers fields(LogContext context) {
        RequestHead request = context.request;
        ResponseHead response = context.response;
        return switch (head) {
            case REQUEST -> request == null ? null : request.headers();
            case RESPONSE -> response == null ? null : response.headers();
            case TRAILERS -> context.trailers;
        };
    }

    /** What stands elsewhere than among the fields. */
    private @Nullable String pseudo(LogContext context, HeaderName name) {
        RequestHead request = context.request;
        ResponseHead response = context.response;
        return switch (head) {
            case REQUEST -> request == null ? null : pseudo(request, name);
            case RESPONSE -> response == null || !name.toString().equals(":status") ? null : Integer.toString(response.status());
            case TRAILERS -> null;
        };
    }

    private static @Nullable String pseudo(RequestHead head, HeaderName name) {
        return switch (name.toString()) {
            case ":method" -> head.method();
            case ":path" -> head.path();
            case ":authority", "host" -> head.authority();
            case ":scheme" -> head.scheme();
            default -> null;
        };
    }
}
