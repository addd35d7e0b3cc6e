package dev.outrider.proxy.datapath.protocol.head;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.HttpConnectionManager.Tracing;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** x-request-id: version 4 UUIDs whose fifteenth char carries the trace decision, as Envoy's UuidRequestIdExtension packs it. */
public final class RequestIds {

    private static final char[] HEX = "0123456789abcdef".toCharArray();
    /** Where the decision is, and its values: '4' none, '9' sampled, 'a' forced, 'b' asked for by the client. */
    private static final int TRACE_AT = 14;

    private RequestIds() {}

    public static String make() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = random.nextLong();
        long low = random.nextLong();
        byte[] text = new byte[36];
        int nibble = 0;
        for (int i = 0; i < 36; i++) {
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                text[i] = '-';
                continue;
            }
            long word = nibble < 16 ? high : low;
            int value = (int) (word >>> ((15 - (nibble & 15)) * 4)) & 15;
            value = nibble == 12 ? 4 : nibble == 16 ? value & 3 | 8 : value;
            text[i] = (byte) HEX[value];
            nibble++;
        }
        return new String(text, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** Marks the id of a request that starts a trace; whether the request is traced. */
    public static boolean sample(RequestHead head, @Nullable Tracing tracing) {
        String id = head.headers().get(HeaderName.X_REQUEST_ID);
        if (id == null || id.length() != 36) {
            return false;
        }
        char reason = id.charAt(TRACE_AT);
        if (tracing == null || reason != '4') {
            return reason == '9' || reason == 'a' || reason == 'b';
        }
        if (ThreadLocalRandom.current().nextDouble(100) < tracing.randomSampling()
                && ThreadLocalRandom.current().nextDouble(100) < tracing.overallSampling()) {
            head.headers().set(HeaderName.X_REQUEST_ID, id.substring(0, TRACE_AT) + '9' + id.substring(TRACE_AT + 1));
            return true;
        }
        return false;
    }
}
