package dev.outrider.bench.load;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One piece of load. Travels as a line of {@code name=value} words.
 *
 * @param kind what is sent
 * @param port where, on the loopback address
 * @param connections how many at a time
 * @param streams calls at a time on each (HTTP/2)
 * @param rate calls a second at fixed times whatever comes back (open loop); 0 sends the next call when one is done (closed loop)
 * @param seconds how long
 */
public record LoadSpec(Kind kind, int port, int connections, int streams, int rate, double seconds) {

    /** What is sent. */
    public enum Kind {
        /** HTTP/1.1 GET on kept connections. */
        HTTP,
        /** Unary gRPC calls, HTTP/2 without TLS. */
        GRPC,
        /** One connection for each HTTP/1.1 GET. */
        CONNECT,
        /** As many bytes as the connection takes. */
        BULK,
        /** Connections that each make one request and stay open until the next piece of load. */
        HOLD
    }

    public static LoadSpec saturating(Kind kind, int port, int connections, int streams, double seconds) {
        return new LoadSpec(kind, port, connections, streams, 0, seconds);
    }

    public static LoadSpec paced(Kind kind, int port, int connections, int streams, int rate, double seconds) {
        return new LoadSpec(kind, port, connections, streams, rate, seconds);
    }

    String line() {
        return "kind=" + kind + " port=" + port + " connections=" + connections + " streams=" + streams + " rate=" + rate + " seconds=" + seconds;
    }

    static LoadSpec parse(String line) {
        Map<String, String> words = words(line);
        return new LoadSpec(
                Kind.valueOf(word(words, "kind").toUpperCase(Locale.ROOT)),
                Integer.parseInt(word(words, "port")),
                Integer.parseInt(word(words, "connections")),
                Integer.parseInt(word(words, "streams")),
                Integer.parseInt(word(words, "rate")),
                Double.parseDouble(word(words, "seconds")));
    }

    static Map<String, String> words(String line) {
        Map<String, String> words = new TreeMap<>();
        for (String word : line.trim().split(" +", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                words.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return words;
    }

    static String word(Map<String, String> words, String name) {
        String value = words.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no " + name + " in " + words);
        }
        return value;
    }
}
