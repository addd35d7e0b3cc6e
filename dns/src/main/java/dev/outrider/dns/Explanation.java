package dev.outrider.dns;

import dev.outrider.dns.query.InProcessTarget;
import dev.outrider.dns.query.Outcome;
import dev.outrider.dns.query.Source;
import dev.outrider.dns.table.Match;
import dev.outrider.dns.table.NameEntry;
import dev.outrider.dns.wire.MessageText;
import dev.outrider.dns.wire.Rcode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * What a question got and why: the stuff of {@code outrider dns query}. Immutable.
 *
 * @param rcode NOERROR, NXDOMAIN …
 * @param source table, static, zone, special, cache, stale, upstream, unreachable or refused
 * @param why a sentence: the table's entry and its registry, the cached answer's age, the resolver
 * @param records as {@code name ttl type data}
 * @param tookMicros from question to answer
 */
public record Explanation(String rcode, String source, String why, List<String> records, long tookMicros) {

    /** Takes the one reply to a question of our own. */
    static final class Target implements InProcessTarget {

        private final long started = System.nanoTime();
        private final CompletableFuture<Explanation> result = new CompletableFuture<>();

        CompletableFuture<Explanation> result() {
            return result;
        }

        @Override
        public void reply(byte[] bytes, int length, Outcome outcome) {
            byte[] message = Arrays.copyOf(bytes, length);
            result.complete(new Explanation(
                    Rcode.name(MessageText.rcode(message)),
                    outcome.source().label(),
                    why(outcome),
                    MessageText.records(message),
                    (System.nanoTime() - started) / 1000));
        }

        private static String why(Outcome outcome) {
            NameEntry entry = outcome.entry();
            if (entry != null && (outcome.source() == Source.TABLE || outcome.source() == Source.STATIC)) {
                String how = outcome.kind() == Match.Kind.EXACT ? "" : ", found by " + outcome.kind().name().toLowerCase(Locale.ROOT);
                return "entry " + entry.hostText() + " of " + entry.registry() + how;
            }
            return switch (outcome.source()) {
                case CACHE -> "cached " + outcome.ageSeconds() + " s ago from " + outcome.resolver();
                case STALE -> "no resolver answered; kept for " + outcome.ageSeconds() + " s from " + outcome.resolver();
                case UPSTREAM -> "answered by " + outcome.resolver();
                case ZONE -> "in a zone that is ours and not in the table";
                case SPECIAL -> "a name or type that is never asked for upstream (RFC 6761, RFC 8482)";
                case UNREACHABLE -> "no resolver answered";
                default -> "the question is refused";
            };
        }

        @Override
        public void dropped() {
            result.completeExceptionally(new IllegalStateException("the question got no reply"));
        }
    }
}
