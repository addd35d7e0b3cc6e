package dev.outrider.dns.query;

import dev.outrider.dns.cache.AnswerCache;
import dev.outrider.dns.forward.Forwarder;
import dev.outrider.dns.forward.LoopProbe;
import dev.outrider.dns.table.Match;
import dev.outrider.dns.table.NameEntry;
import dev.outrider.dns.table.NameTable;
import dev.outrider.dns.table.ReverseName;
import dev.outrider.dns.wire.ExtendedError;
import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.Rcode;
import dev.outrider.dns.wire.RecordType;
import dev.outrider.dns.wire.Reply;
import dev.outrider.dns.wire.UpstreamAnswer;
import dev.outrider.dns.wire.UpstreamQuestion;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The life of a question: parsed, refused or answered from the table, from a zone's rule, from the cache, else by asking. A table answer
 * allocates nothing. The table is read once per question and may be swapped from any thread; everything else is confined to the
 * DNS loop.
 */
public final class QueryEngine {

    private static final int CLASS_IN = 1;
    private static final int STALE_TTL = 30;

    private final Answering settings;
    private final ZoneMap zones;
    private final AnswerCache cache;
    private final LoopProbe probe;
    private final DnsMetrics metrics;
    private final LongSupplier clock;
    private final LocalAnswers local;
    private final Waiting waiting;
    private final Query query = new Query();
    private final Reply reply = new Reply();
    private final Match match = new Match();
    private final Outcome outcome = new Outcome();
    private final byte[] address = new byte[16];
    private volatile NameTable table;

    /** The parts an engine works with. */
    public record Parts(ZoneMap zones, AnswerCache cache, Forwarder forwarder, LoopProbe probe, DnsMetrics metrics, LongSupplier nanoClock) {}

    public QueryEngine(Answering settings, Parts parts, NameTable table) {
        this.settings = settings;
        this.zones = parts.zones();
        this.cache = parts.cache();
        this.probe = parts.probe();
        this.metrics = parts.metrics();
        this.clock = parts.nanoClock();
        this.local = new LocalAnswers(settings.ttlSeconds(), settings.negativeTtlSeconds());
        this.waiting = new Waiting(this, parts.forwarder(), settings, clock);
        this.table = table;
    }

    /** Any thread. */
    public void table(NameTable next) {
        table = next;
    }

    public NameTable table() {
        return table;
    }

    public DnsMetrics metrics() {
        return metrics;
    }

    public int waiting() {
        return waiting.size();
    }

    /** One packet in, one reply or none out, now or later. The bytes are only borrowed. */
    public void handle(byte[] packet, int length, ReplyTarget target) {
        int verdict = query.parse(packet, length);
        if (verdict == Query.DROP) {
            metrics.count(DnsMetrics.Event.DROPPED);
            target.dropped();
            return;
        }
        long started = clock.getAsLong();
        start(target);
        if (verdict != Rcode.NOERROR) {
            refuse(verdict, ExtendedError.NONE, target, started);
            return;
        }
        if (query.queryClass() != CLASS_IN || metaType(query.type())) {
            refuse(query.type() == RecordType.OPT ? Rcode.FORMERR : Rcode.REFUSED, ExtendedError.NONE, target, started);
            return;
        }
        NameTable names = table;
        if (fromTable(names, target, started)) {
            return;
        }
        byRule(names, target, started);
    }

    private void start(ReplyTarget target) {
        outcome.reset();
        reply.start(query, target.stream() ? Reply.MAX_TCP : Math.min(Math.max(query.udpSize(), 512), Reply.MAX_UDP));
    }

    private static boolean metaType(int type) {
        return type == RecordType.OPT || type == 0 || type >= RecordType.TKEY && type <= RecordType.MAILA;
    }

    private boolean fromTable(NameTable names, ReplyTarget target, long started) {
        int zone = zones.indexOf(query);
        outcome.zone(zone);
        if (LocalAnswers.serviceForm(query) && fromServices(names, zone, target, started)) {
            return true;
        }
        if (names.find(query, match)) {
            NameEntry entry = match.entry();
            if (entry == null) {
                return false;
            }
            outcome.local(entry, match.kind());
            reply.authoritative(true);
            byte[] outside = local.entry(query, reply, names, match, zoneOffset(zone));
            if (outside != null) {
                continueOutside(names, outside, target, started);
            } else {
                send(target, started);
            }
            return true;
        }
        return query.type() == RecordType.PTR && fromAddresses(names, target, started);
    }

    private boolean fromServices(NameTable names, int zone, ReplyTarget target, long started) {
        boolean ours = zones.get(zone).rule() == Zone.Rule.OURS;
        if (!ours && query.type() != RecordType.SRV || !names.findFrom(query, 2, match)) {
            return false;
        }
        NameEntry entry = match.entry();
        if (entry == null) {
            return false;
        }
        outcome.local(entry, match.kind());
        reply.authoritative(true);
        boolean known = local.services(query, reply, names, entry);
        local.additionals(reply);
        if (reply.answers() == 0) {
            // Outside our zones only this host is ours, so its other ports have no data rather than no name.
            local.negative(reply, known || !ours ? Rcode.NOERROR : Rcode.NXDOMAIN, zoneOffset(zone), names.serial());
        }
        send(target, started);
        return true;
    }

    private boolean fromAddresses(NameTable names, ReplyTarget target, long started) {
        int length = ReverseName.address(query, address);
        NameEntry entry = length == 0 ? null : names.byAddress(address, length);
        if (entry == null) {
            return false;
        }
        outcome.local(entry, Match.Kind.EXACT);
        reply.authoritative(true);
        local.ptr(query, reply, entry);
        send(target, started);
        return true;
    }

    private void byRule(NameTable names, ReplyTarget target, long started) {
        int index = zones.indexOf(query);
        Zone zone = zones.get(index);
        switch (zone.rule()) {
            case OURS, LOCALHOST, RESERVED -> {
                int apex = zoneOffset(index);
                boolean isApex = apex == Reply.QUESTION_NAME;
                outcome.source(zone.rule() == Zone.Rule.OURS ? Source.ZONE : Source.SPECIAL);
                reply.authoritative(true);
                if (isApex && query.type() == RecordType.SOA) {
                    local.apex(reply, names.serial());
                } else {
                    withoutEntry(zone, names, Reply.QUESTION_NAME, apex, isApex || exists(names));
                }
                send(target, started);
            }
            case FORWARDED -> {
                if (probe.cameBack(query)) {
                    refuse(Rcode.REFUSED, ExtendedError.NONE, target, started);
                } else if (query.type() == RecordType.ANY) {
                    outcome.source(Source.SPECIAL);
                    local.any(reply);
                    send(target, started);
                } else {
                    forward(zone, null, target, started);
                }
            }
        }
    }

    /** Whether the question's name, which has no records, has names below it: a "no such name" would deny those too (RFC 8020). */
    private boolean exists(NameTable names) {
        return names.nonTerminal(query)
                || ReverseName.partial(query)
                || LocalAnswers.transportForm(query) && names.findFrom(query, 1, match);
    }

    /** What a zone that is not forwarded says of the name at {@code owner}, which the table does not know. */
    private void withoutEntry(Zone zone, NameTable names, int owner, int apex, boolean exists) {
        switch (zone.rule()) {
            case LOCALHOST -> local.localhost(query, reply, owner, apex);
            case RESERVED -> local.negative(reply, Rcode.NXDOMAIN, apex, 1);
            default -> {
                if (names.ready() || exists) {
                    local.negative(reply, exists ? Rcode.NOERROR : Rcode.NXDOMAIN, apex, names.serial());
                } else {
                    // Nobody knows yet whether it exists; a "no" would be remembered.
                    reply.rcode(Rcode.SERVFAIL);
                    reply.extendedError(ExtendedError.NOT_READY, "no name table yet");
                }
            }
        }
    }

    /** A CNAME led to a name that is in no table: resolvers answer for it, or a zone of ours does. */
    private void continueOutside(NameTable names, byte[] outside, ReplyTarget target, long started) {
        Zone zone = zones.get(zones.indexOf(outside));
        if (zone.rule() == Zone.Rule.FORWARDED) {
            forward(zone, outside, target, started);
            return;
        }
        endInZone(zone, names, outside);
        send(target, started);
    }

    private void endInZone(Zone zone, NameTable names, byte[] name) {
        int owner = reply.lastTarget();
        withoutEntry(zone, names, owner, reply.parentOffset(owner, ZoneMap.labelsBelow(name, zone)), false);
    }

    private void forward(Zone zone, byte @Nullable [] outside, ReplyTarget target, long started) {
        long now = clock.getAsLong();
        UpstreamQuestion question = outside == null ? null : UpstreamQuestion.of(query, outside);
        AnswerCache.Entry known = question == null ? cache.get(query, now) : cache.get(question, now);
        if (known != null && known.fresh(now)) {
            writeUpstream(known.answer(), known.ageSeconds(now), 0);
            outcome.upstream(Source.CACHE, known.resolver(), known.ageSeconds(now));
            send(target, started);
            if (known.wantsRefresh(now)) {
                metrics.count(DnsMetrics.Event.PREFETCH);
                waiting.refresh(zone, known.question());
            }
            return;
        }
        if (!query.recursionDesired()) {
            refuse(Rcode.REFUSED, ExtendedError.NOT_AUTHORITATIVE, target, started);
            return;
        }
        boolean stale = known != null && !known.answer().negative();
        if (known != null && stale && known.failedLately(now)) {
            writeStale(known.answer(), known.resolver(), known.ageSeconds(now));
            send(target, started);
            return;
        }
        UpstreamQuestion asked = question != null ? question : UpstreamQuestion.of(query);
        if (!waiting.ask(zone, asked, query.copyPacket(), target, started, stale ? known : null)) {
            metrics.count(DnsMetrics.Event.OVER_LIMIT);
            refuse(Rcode.REFUSED, ExtendedError.NONE, target, started);
        }
    }

    /** Answers a question that waited, from what a resolver said; {@code packet} is the question's own. */
    void resume(byte[] packet, ReplyTarget target, long started, UpstreamAnswer answer, String resolver, int staleAge) {
        if (!restart(packet, target)) {
            return;
        }
        if (staleAge >= 0) {
            writeStale(answer, resolver, staleAge);
        } else {
            writeUpstream(answer, 0, 0);
            outcome.upstream(Source.UPSTREAM, resolver, 0);
        }
        send(target, started);
    }

    private void writeStale(UpstreamAnswer answer, String resolver, int ageSeconds) {
        writeUpstream(answer, 0, STALE_TTL);
        outcome.upstream(Source.STALE, resolver, ageSeconds);
        reply.extendedError(ExtendedError.STALE_ANSWER, "no resolver answered");
    }

    /** Tells a question that waited that nobody answered. */
    void fail(byte[] packet, ReplyTarget target, long started, int extendedError) {
        if (!restart(packet, target)) {
            return;
        }
        start(target);
        outcome.zone(zones.indexOf(query));
        outcome.source(Source.UNREACHABLE);
        reply.rcode(Rcode.SERVFAIL);
        reply.extendedError(extendedError, extendedError == ExtendedError.NETWORK_ERROR ? "resolvers cannot be reached" : "no resolver answered");
        send(target, started);
    }

    /** Parses the question again and writes again the chain of static CNAMEs that led outside, if there was one. */
    private boolean restart(byte[] packet, ReplyTarget target) {
        if (query.parse(packet, packet.length) != Rcode.NOERROR) {
            return false;
        }
        start(target);
        int zone = zones.indexOf(query);
        outcome.zone(zone);
        NameTable names = table;
        if (names.find(query, match) && match.entry() != null && match.entry().cname().length > 0) {
            local.entry(query, reply, names, match, zoneOffset(zone));
        }
        return true;
    }

    private void writeUpstream(UpstreamAnswer answer, int age, int fixedTtl) {
        NameTable names = table;
        OwnTarget own = new OwnTarget(names, zones);
        int kept = answer.answersUpToCname(own);
        if (kept > 0) {
            // A public name that leads to one of ours: the table knows better than any resolver.
            reply.records(answer.head(kept), age, fixedTtl);
            NameEntry entry = own.entry;
            if (reply.truncated() || query.type() == RecordType.CNAME) {
                return;
            }
            if (entry != null) {
                local.chain(query, reply, names, entry, reply.lastTarget(), Reply.QUESTION_NAME);
            } else {
                endInZone(own.zone, names, own.name);
            }
            return;
        }
        if (rebinds(answer)) {
            metrics.count(DnsMetrics.Event.REBINDING);
            if (settings.dropRebinding()) {
                reply.rcode(Rcode.SERVFAIL);
                reply.extendedError(ExtendedError.BLOCKED, "a public name with an address of the mesh");
                return;
            }
        }
        reply.rcode(answer.rcode());
        reply.authenticData(answer.authenticData() && (query.authenticData() || query.dnssecOk()));
        reply.records(answer, age, fixedTtl);
    }

    /** Stops at the first CNAME target that is answered here and not by resolvers. */
    private static final class OwnTarget implements UpstreamAnswer.TargetVisitor {

        private final NameTable names;
        private final ZoneMap zones;
        private @Nullable NameEntry entry;
        private byte[] name = new byte[0];
        private Zone zone;

        OwnTarget(NameTable names, ZoneMap zones) {
            this.names = names;
            this.zones = zones;
            this.zone = zones.get(zones.size() - 1);
        }

        @Override
        public boolean stopAt(byte[] bytes, int offset, int length) {
            name = LocalAnswers.lower(bytes, offset, length);
            entry = names.findTarget(name, 0, length);
            zone = zones.get(zones.indexOf(name));
            return entry != null || zone.rule() != Zone.Rule.FORWARDED;
        }
    }

    private boolean rebinds(UpstreamAnswer answer) {
        for (Cidr range : settings.meshRanges()) {
            if (answer.anyAddress(range::contains)) {
                return true;
            }
        }
        return false;
    }

    private void refuse(int rcode, int extendedError, ReplyTarget target, long started) {
        outcome.source(Source.REFUSED);
        outcome.zone(zones.size() - 1);
        reply.rcode(rcode);
        reply.extendedError(extendedError, "");
        send(target, started);
    }

    private int zoneOffset(int zone) {
        Zone of = zones.get(zone);
        return of.rule() == Zone.Rule.FORWARDED ? Reply.QUESTION_NAME : ZoneMap.apexOffset(query, of);
    }

    private void send(ReplyTarget target, long started) {
        int length = reply.finish();
        if (reply.truncated()) {
            metrics.count(DnsMetrics.Event.TRUNCATED);
        }
        metrics.answered(outcome, query.type(), reply.rcode(), clock.getAsLong() - started);
        target.reply(reply.bytes(), length, outcome);
    }
}
