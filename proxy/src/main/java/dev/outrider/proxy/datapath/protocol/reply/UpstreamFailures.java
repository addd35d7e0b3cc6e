package dev.outrider.proxy.datapath.protocol.reply;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.StreamReset;
import java.util.List;

/** What the end of an upstream stream is called towards the client: flag, status, body, details, in Envoy's words. Pure. */
public final class UpstreamFailures {

    private UpstreamFailures() {}

    public static ResponseFlag flag(StreamReset reason) {
        return switch (reason) {
            case LOCAL_RESET, LOCAL_REFUSED_STREAM -> ResponseFlag.LR;
            case REMOTE_RESET, REMOTE_REFUSED_STREAM -> ResponseFlag.UR;
            case CONNECTION_FAILURE, CONNECT_TIMEOUT -> ResponseFlag.UF;
            case CONNECTION_TERMINATION, DOWNSTREAM_GONE, IDLE_TIMEOUT -> ResponseFlag.UC;
            case OVERFLOW -> ResponseFlag.UO;
            case PROTOCOL_ERROR -> ResponseFlag.UPE;
        };
    }

    public static String details(boolean started, StreamReset reason, String transport) {
        String what = started ? "upstream_reset_after_response_started{" : "upstream_reset_before_response_started{";
        String text = what + reason.text() + (connecting(reason) && !transport.isEmpty() ? "|" + transport : "") + "}";
        return text.replace(' ', '_');
    }

    private static boolean connecting(StreamReset reason) {
        return reason == StreamReset.CONNECTION_FAILURE || reason == StreamReset.CONNECT_TIMEOUT;
    }

    public static LocalReply reply(StreamReset reason, String transport, int attempts, ResponseFlag flag) {
        String body = "upstream connect error or disconnect/reset before headers. " + (attempts > 1 ? "retried and the latest " : "")
                + "reset reason: " + reason.text();
        List<LocalReply.Field> fields =
                reason == StreamReset.OVERFLOW ? List.of(new LocalReply.Field("x-envoy-overloaded", "true")) : List.of();
        int status = reason == StreamReset.PROTOCOL_ERROR ? 502 : 503;
        return new LocalReply(status, body, -1, details(false, reason, transport), flag, fields);
    }
}
