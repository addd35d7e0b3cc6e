package dev.outrider.dns.wire;

import org.jspecify.annotations.Nullable;

/**
 * Reads a resolver's reply: first whether it answers what was asked (id, name with its case, type, class), then only the
 * records on the chain from the question. Names may point backwards only, and one packet buys a bounded number of label
 * steps. Nothing outside the chain is kept (bailiwick). Reused, confined to one loop; never throws on any bytes.
 */
public final class ReplyParser {

    /** What a packet is to the question that was asked. */
    public enum Verdict {
        /** {@link #answer} holds it. */
        ANSWER,
        /** Ours, but cut short: ask again over TCP. */
        TRUNCATED,
        /** The resolver does not speak EDNS: ask again without. */
        NO_EDNS,
        /** Not a reply to this question, maybe a forged one. */
        MISMATCH,
        /** Ours by its header, but not readable. */
        MALFORMED
    }

    static final int MAX_POSITIVE_TTL = 3600;
    static final int MAX_NEGATIVE_TTL = 30;
    private static final int MAX_RECORDS = 4096;
    private static final int MAX_CHAIN = 16;
    private static final int MAX_LABEL_STEPS = 65_536;
    private static final int MAX_FLAT_BYTES = 131_072;

    private final byte[] flat = new byte[MAX_FLAT_BYTES + 1024];
    private final int[] recordOffsets = new int[MAX_RECORDS];
    private byte[] message = new byte[0];
    private int length;
    private int at;
    private int flatLength;
    private int labelSteps;
    private @Nullable UpstreamAnswer answer;

    public @Nullable UpstreamAnswer answer() {
        return answer;
    }

    public Verdict parse(byte[] bytes, int byteCount, UpstreamQuestion question, int id) {
        message = bytes;
        length = byteCount;
        answer = null;
        labelSteps = 0;
        flatLength = 0;
        if (byteCount < Query.HEADER || FlatRecords.u16(bytes, 0) != id || (bytes[2] & 0xF8) != 0x80) {
            return Verdict.MISMATCH;
        }
        int rcode = bytes[3] & 0x0F;
        int questions = FlatRecords.u16(bytes, 4);
        if (questions == 0 && (rcode == Rcode.FORMERR || rcode == Rcode.NOTIMP) && byteCount == Query.HEADER) {
            return Verdict.NO_EDNS;
        }
        if (questions != 1 || !sameQuestion(question)) {
            return Verdict.MISMATCH;
        }
        if ((bytes[2] & 2) != 0) {
            return Verdict.TRUNCATED;
        }
        if (rcode == Rcode.FORMERR || rcode == Rcode.NOTIMP) {
            return Verdict.NO_EDNS;
        }
        return readSections(question, rcode) ? Verdict.ANSWER : Verdict.MALFORMED;
    }

    private boolean sameQuestion(UpstreamQuestion question) {
        byte[] name = question.name();
        int end = Query.HEADER + name.length;
        if (end + 5 > length || message[end] != 0) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            if (message[Query.HEADER + i] != name[i]) {
                return false;
            }
        }
        at = end + 5;
        return FlatRecords.u16(message, end + 1) == question.type() && FlatRecords.u16(message, end + 3) == 1;
    }

    private boolean readSections(UpstreamQuestion question, int rcode) {
        int answerCount = FlatRecords.u16(message, 6);
        int authorityCount = FlatRecords.u16(message, 8);
        if (answerCount > MAX_RECORDS || authorityCount > MAX_RECORDS) {
            return false;
        }
        for (int i = 0; i < answerCount; i++) {
            recordOffsets[i] = flatLength;
            if (!readRecord()) {
                return false;
            }
        }
        int answerEnd = flatLength;
        ChainKeeper chain = new ChainKeeper(flat, recordOffsets, answerCount, answerEnd);
        int kept = chain.keep(question, MAX_CHAIN);
        flatLength = chain.byteCount();
        int ttl = chain.minTtl();
        boolean negative = rcode == Rcode.NXDOMAIN || rcode == Rcode.NOERROR && !chain.reachedType();
        int keptAuthorities = 0;
        if (negative) {
            ttl = Math.min(ttl, MAX_NEGATIVE_TTL);
        }
        for (int i = 0; i < authorityCount; i++) {
            int start = flatLength;
            if (!readRecord()) {
                return false;
            }
            int ownerEnd = FlatRecords.skipName(flat, start);
            int type = FlatRecords.u16(flat, ownerEnd);
            if (keepsAuthority(type, negative, question.dnssecOk())) {
                keptAuthorities++;
                ttl = Math.min(ttl, type == RecordType.SOA ? soaTtl(ownerEnd) : FlatRecords.u32(flat, ownerEnd + 4));
            } else {
                flatLength = start;
            }
        }
        if (negative && keptAuthorities == 0) {
            // Without an SOA a negative answer may be kept by nobody (RFC 2308 §5); a second spares the resolver a burst.
            ttl = 1;
        }
        boolean cacheable = rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN;
        byte[] records = new byte[flatLength];
        System.arraycopy(flat, 0, records, 0, flatLength);
        answer =
                new UpstreamAnswer(
                        rcode, (message[3] & 0x20) != 0, kept, keptAuthorities, cacheable ? Math.max(1, ttl) : 0, records);
        return true;
    }

    private static boolean keepsAuthority(int type, boolean negative, boolean dnssecOk) {
        return switch (type) {
            case RecordType.SOA -> negative;
            case RecordType.NSEC, RecordType.NSEC3, RecordType.RRSIG -> dnssecOk;
            default -> false;
        };
    }

    private int soaTtl(int ownerEnd) {
        int minimum = FlatRecords.u32(flat, flatLength - 4);
        return Math.min(FlatRecords.u32(flat, ownerEnd + 4), minimum < 0 ? 0 : minimum);
    }

    /** Appends the record at {@link #at} to {@link #flat} with names uncompressed and its TTL capped. */
    private boolean readRecord() {
        if (!readName(length) || at + 10 > length) {
            return false;
        }
        int type = FlatRecords.u16(message, at);
        int ttl = FlatRecords.u32(message, at + 4);
        // A TTL with the top bit set counts as zero (RFC 2181 §8).
        ttl = ttl < 0 ? 1 : Math.min(Math.max(ttl, 1), MAX_POSITIVE_TTL);
        int dataLength = FlatRecords.u16(message, at + 8);
        int dataEnd = at + 10 + dataLength;
        if (dataEnd > length) {
            return false;
        }
        FlatRecords.put16(flat, flatLength, type);
        FlatRecords.put16(flat, flatLength + 2, FlatRecords.u16(message, at + 2));
        FlatRecords.put32(flat, flatLength + 4, ttl);
        int lengthAt = flatLength + 8;
        flatLength += 10;
        at += 10;
        if (!readData(type, dataEnd)) {
            return false;
        }
        FlatRecords.put16(flat, lengthAt, flatLength - lengthAt - 2);
        return at == dataEnd && flatLength <= MAX_FLAT_BYTES;
    }

    /** Types whose names older servers may compress (RFC 3597 §4); all others are copied as they are. */
    private boolean readData(int type, int end) {
        return switch (type) {
            case RecordType.NS, RecordType.CNAME, RecordType.PTR, RecordType.DNAME -> readName(end);
            case RecordType.MX, RecordType.AFSDB, RecordType.RT, RecordType.KX -> copy(2, end) && readName(end);
            case RecordType.SRV -> copy(6, end) && readName(end);
            case RecordType.RP -> readTwoNames(end);
            case RecordType.SOA -> readTwoNames(end) && copy(20, end);
            case RecordType.A -> end - at == 4 && copy(4, end);
            case RecordType.AAAA -> end - at == 16 && copy(16, end);
            default -> copy(end - at, end);
        };
    }

    private boolean readTwoNames(int end) {
        boolean first = readName(end);
        return first && readName(end);
    }

    private boolean copy(int bytes, int end) {
        if (at + bytes > end || flatLength + bytes > MAX_FLAT_BYTES) {
            return false;
        }
        System.arraycopy(message, at, flat, flatLength, bytes);
        at += bytes;
        flatLength += bytes;
        return true;
    }

    /** Appends the name at {@link #at} uncompressed; every pointer must lead before the place where the name part began. */
    private boolean readName(int end) {
        int i = at;
        int floor = at;
        int start = flatLength;
        boolean jumped = false;
        while (i < end || jumped && i < length) {
            if (++labelSteps > MAX_LABEL_STEPS || flatLength > MAX_FLAT_BYTES) {
                return false;
            }
            int label = message[i] & 0xFF;
            if (label == 0) {
                flat[flatLength++] = 0;
                if (!jumped) {
                    at = i + 1;
                }
                return true;
            }
            if (label >= 0xC0) {
                int target = i + 1 < length ? FlatRecords.u16(message, i) & 0x3FFF : length;
                if (target >= floor || target < Query.HEADER) {
                    return false;
                }
                if (!jumped) {
                    at = i + 2;
                }
                jumped = true;
                floor = target;
                i = target;
            } else {
                if (label > WireName.MAX_LABEL || i + 1 + label > length || flatLength - start + 1 + label > WireName.MAX_LENGTH) {
                    return false;
                }
                System.arraycopy(message, i, flat, flatLength, label + 1);
                flatLength += label + 1;
                i += label + 1;
            }
        }
        return false;
    }
}
