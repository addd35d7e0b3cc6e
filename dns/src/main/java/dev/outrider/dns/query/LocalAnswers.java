package dev.outrider.dns.query;

import dev.outrider.dns.table.Match;
import dev.outrider.dns.table.MeshPort;
import dev.outrider.dns.table.NameEntry;
import dev.outrider.dns.table.NameTable;
import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.Rcode;
import dev.outrider.dns.wire.RecordType;
import dev.outrider.dns.wire.Reply;
import dev.outrider.dns.wire.WireName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes what the table knows into a reply. Confined to the DNS loop; the A and AAAA paths allocate nothing. */
final class LocalAnswers {

    /** Longest chain of static CNAMEs; a longer one is taken for a loop. */
    static final int MAX_CHAIN = 8;

    private static final byte[] LOOPBACK_V4 = {127, 0, 0, 1};
    private static final byte[] LOOPBACK_V6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private final int ttl;
    private final int negativeTtl;
    private @Nullable NameEntry additionalEntry;
    private int additionalOwner;

    LocalAnswers(int ttl, int negativeTtl) {
        this.ttl = ttl;
        this.negativeTtl = negativeTtl;
    }

    /**
     * Answers from an entry. Returns null when the reply is complete, or the name outside the table that its static CNAMEs end at, so far
     * written into the reply.
     */
    byte @Nullable [] entry(Query query, Reply reply, NameTable table, Match match, int zoneOffset) {
        NameEntry entry = match.entry();
        if (entry == null) {
            return null;
        }
        int type = query.type();
        int owner = Reply.QUESTION_NAME;
        if (match.kind() == Match.Kind.SEARCH && (type == RecordType.CNAME || has(entry, type))) {
            // Istio answers expanded names so; the client then need not try its other search domains.
            owner = reply.cnameToHead(owner, ttl, match.headLength());
        }
        return chain(query, reply, table, entry, owner, zoneOffset);
    }

    /** Continues at {@code owner} with an entry: follows its static CNAMEs, then its records or a negative answer. */
    byte @Nullable [] chain(Query query, Reply reply, NameTable table, NameEntry first, int firstOwner, int zoneOffset) {
        NameEntry entry = first;
        int owner = firstOwner;
        int links = 0;
        while (entry.cname().length > 0) {
            byte[] target = entry.cname();
            if (++links > MAX_CHAIN) {
                reply.rcode(Rcode.SERVFAIL);
                return null;
            }
            owner = reply.cname(owner, ttl, target, 0, target.length);
            if (query.type() == RecordType.CNAME || query.type() == RecordType.ANY || owner < 0) {
                return null;
            }
            entry = table.findTarget(target, 0, target.length);
            if (entry == null) {
                return target;
            }
        }
        if (owner >= 0) {
            records(query.type(), reply, entry, owner);
        }
        if (!has(entry, query.type()) && !(query.type() == RecordType.CNAME && reply.answers() > 0)) {
            reply.soa(zoneOffset, negativeTtl, table.serial());
        }
        return null;
    }

    private static boolean has(NameEntry entry, int type) {
        return switch (type) {
            case RecordType.A -> entry.v4().length > 0;
            case RecordType.AAAA -> entry.v6().length > 0;
            case RecordType.TXT -> !entry.texts().isEmpty();
            case RecordType.ANY -> entry.v4().length + entry.v6().length > 0 || !entry.texts().isEmpty();
            default -> false;
        } || entry.cname().length > 0;
    }

    private void records(int type, Reply reply, NameEntry entry, int owner) {
        boolean any = type == RecordType.ANY;
        if (type == RecordType.A || any) {
            addresses(reply, entry, 4, owner);
        }
        if (type == RecordType.AAAA || any) {
            addresses(reply, entry, 16, owner);
        }
        if ((type == RecordType.TXT || any) && !entry.texts().isEmpty()) {
            for (byte[] text : entry.texts()) {
                reply.raw(owner, RecordType.TXT, ttl, text);
            }
        }
    }

    /** Each answer starts one address further, so that clients that take the first spread over all. */
    private void addresses(Reply reply, NameEntry entry, int size, int owner) {
        byte[] addresses = size == 4 ? entry.v4() : entry.v6();
        int count = addresses.length / size;
        if (count == 0) {
            return;
        }
        int start = count == 1 ? 0 : entry.nextFirst(size == 16, count);
        for (int i = 0; i < count; i++) {
            int index = start + i < count ? start + i : start + i - count;
            reply.address(owner, size, ttl, addresses, index * size);
        }
    }

    /** Whether the name looks like {@code _port._tcp.something} (RFC 2782). */
    static boolean serviceForm(Query query) {
        if (query.labels() < 3 || query.name()[1] != '_') {
            return false;
        }
        return query.labelIs(1, "_tcp") || query.labelIs(1, "_udp");
    }

    /** Whether the name looks like {@code _tcp.something}: the parent of service names. */
    static boolean transportForm(Query query) {
        return query.labels() >= 2 && (query.labelIs(0, "_tcp") || query.labelIs(0, "_udp"));
    }

    /** SRV for the entry's ports that the first label names by number or protocol; returns whether there was one. */
    boolean services(Query query, Reply reply, NameTable table, NameEntry entry) {
        String wanted = label(query, 0);
        String transport = label(query, 1);
        boolean known = false;
        int last = 0;
        for (MeshPort port : table.ports(entry)) {
            // A port that speaks several protocols has a row for each, one after the other.
            if (port.port() == last || !port.transport().equals(transport) || !wanted.equals(Integer.toString(port.port())) && !wanted.equals(port.protocol())) {
                continue;
            }
            known = true;
            last = port.port();
            if (query.type() == RecordType.SRV || query.type() == RecordType.ANY) {
                byte[] target = entry.wildcard() ? rest(query) : entry.host();
                int at = reply.srv(Reply.QUESTION_NAME, ttl, 100, port.port(), target);
                if (at >= 0 && reply.answers() == 1) {
                    // Additional records must follow all answers, so they wait.
                    additionalEntry = entry;
                    additionalOwner = at;
                }
            }
        }
        return known;
    }

    /** Writes the addresses of the SRV target, once all answers are in. */
    void additionals(Reply reply) {
        NameEntry entry = additionalEntry;
        additionalEntry = null;
        if (entry == null) {
            return;
        }
        byte[] v4 = entry.v4();
        for (int i = 0; i < v4.length; i += 4) {
            reply.additionalAddress(additionalOwner, 4, ttl, v4, i);
        }
        byte[] v6 = entry.v6();
        for (int i = 0; i < v6.length; i += 16) {
            reply.additionalAddress(additionalOwner, 16, ttl, v6, i);
        }
    }

    private static byte[] rest(Query query) {
        return Arrays.copyOfRange(query.name(), query.labelStart(2), query.nameLength());
    }

    private static String label(Query query, int index) {
        int at = query.labelStart(index);
        return new String(query.name(), at + 2, query.name()[at] - 1, StandardCharsets.ISO_8859_1);
    }

    void ptr(Query query, Reply reply, NameEntry entry) {
        reply.ptr(Reply.QUESTION_NAME, ttl, entry.host());
    }

    void negative(Reply reply, int rcode, int zoneOffset, int serial) {
        reply.rcode(rcode);
        reply.soa(zoneOffset, negativeTtl, serial);
    }

    void localhost(Query query, Reply reply, int owner, int zoneOffset) {
        if (query.type() == RecordType.A || query.type() == RecordType.ANY) {
            reply.address(owner, 4, ttl, LOOPBACK_V4, 0);
        }
        if (query.type() == RecordType.AAAA || query.type() == RecordType.ANY) {
            reply.address(owner, 16, ttl, LOOPBACK_V6, 0);
        }
        if (query.type() != RecordType.A && query.type() != RecordType.AAAA && query.type() != RecordType.ANY) {
            reply.soa(zoneOffset, negativeTtl, 1);
        }
    }

    /** The SOA of a zone of ours, to whoever asks for it. */
    void apex(Reply reply, int serial) {
        reply.soaAnswer(ttl, negativeTtl, serial);
    }

    /** RFC 8482 §4.2: one HINFO instead of everything. */
    void any(Reply reply) {
        byte[] hinfo = {7, 'R', 'F', 'C', '8', '4', '8', '2', 0};
        reply.raw(Reply.QUESTION_NAME, RecordType.HINFO, ttl, hinfo);
    }

    /** Lower-case copy of a CNAME target, to look it up. */
    static byte[] lower(byte[] bytes, int offset, int length) {
        byte[] name = new byte[length];
        for (int i = 0; i < length; i++) {
            name[i] = WireName.lower(bytes[offset + i]);
        }
        return name;
    }
}
