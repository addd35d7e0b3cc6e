package dev.outrider.bench.load;

import java.util.Map;

/**
 * What came of a piece of load. Latencies run from the time at which a call was due, not from when it could be sent: a proxy that stalls
 * is charged for every call that had to wait (no coordinated omission).
 *
 * @param completed calls with a whole, successful answer
 * @param failed calls without
 * @param bytes bytes that reached the sink
 * @param seconds from the first call to the last answer
 */
public record LoadReply(long completed, long failed, long bytes, double seconds, double p50, double p90, double p99, double p999) {

    public double rate() {
        return completed / seconds;
    }

    String line() {
        return "completed=" + completed + " failed=" + failed + " bytes=" + bytes + " seconds=" + seconds
                + " p50=" + p50 + " p90=" + p90 + " p99=" + p99 + " p999=" + p999;
    }

    static LoadReply parse(String line) {
        Map<String, String> words = LoadSpec.words(line);
        return new LoadReply(
                Long.parseLong(LoadSpec.word(words, "completed")),
                Long.parseLong(LoadSpec.word(words, "failed")),
                Long.parseLong(LoadSpec.word(words, "bytes")),
                Double.parseDouble(LoadSpec.word(words, "seconds")),
                Double.parseDouble(LoadSpec.word(words, "p50")),
                Double.parseDouble(LoadSpec.word(words, "p90")),
                Double.parseDouble(LoadSpec.word(words, "p99")),
                Double.parseDouble(LoadSpec.word(words, "p999")));
    }
}
