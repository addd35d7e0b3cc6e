package dev.outrider.proxy.datapath.protocol.head;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.HttpConnectionManager.Tracing;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** x-request-id: version 4 UUIDs whose fifteenth char carries the trace decision, as Envoy's UuidRequestIdExtension packs it. */
public final class RequestIds {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = 36;
    /** Where the decision is, and its values: '4' none, '9' sampled, 'a' forced, 'b' asked for by the client. */
    private static final int TRACE_AT = 14;

    private RequestIds() {}

    /** Gives the request a new id in place of any that it brought. */
    public static void set(Headers headers) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = random.nextLong();
        long low = random.nextLong();
        headers.remove(HeaderName.X_REQUEST_ID);
        int from = headers.addRoom(HeaderName.X_REQUEST_ID, LENGTH);
        byte[] text = headers.array();
        int nibble = 0;
        for (int i = 0; i < LENGTH; i++) {
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                text[from + i] = '-';
                continue;
            }
            long word = nibble < 16 ? high : low;
            int value = (int) (word >>> ((15 - (nibble & 15)) * 4)) & 15;
            value = nibble == 12 ? 4 : nibble == 16 ? value & 3 | 8 : value;
            text[from + i] = HEX[value];
            nibble++;
        }
    }

    /** Marks the id of a request that starts a trace; whether the request is traced. */
    public static boolean sample(RequestHead head, @Nullable Tracing tracing) {
        Headers headers = head.headers();
        int slot = headers.find(HeaderName.X_REQUEST_ID, 0);
        if (slot < 0 || headers.valueLength(slot) != LENGTH) {
            return false;
        }
        byte reason = headers.array()[headers.valueStart(slot) + TRACE_AT];
        if (tracing == null || reason != '4') {
            return reason == '9' || reason == 'a' || reason == 'b';
        }
        if (ThreadLocalRandom.current().nextDouble(100) < tracing.randomSampling()
                && ThreadLocalRandom.current().nextDouble(100) < tracing.overallSampling()) {
            String id = headers.value(slot);
            headers.set(HeaderName.X_REQUEST_ID, id.substring(0, TRACE_AT) + '9' + id.substring(TRACE_AT + 1));
            return true;
        }
        return false;
    }
}
