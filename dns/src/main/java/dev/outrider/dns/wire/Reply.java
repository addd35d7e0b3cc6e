package dev.outrider.dns.wire;

/**
 * Builds the reply to one {@link Query} in a reused array: header, the question with its case as asked, records, OPT. Too
 * large a reply becomes TC with no records (RFC 2181 §9). Owner names are given as message offsets. Confined to one loop.
 */
public final class Reply {

    /** The most that a UDP reply holds, whatever the client offers: it crosses any link unfragmented (DNS flag day 2020). */
    public static final int MAX_UDP = 1232;

    public static final int MAX_TCP = 65_535;

    /** Message offset of the question's name. */
    public static final int QUESTION_NAME = Query.HEADER;

    private static final int POINTER = 0xC000;
    private static final int MAX_POINTER = 0x3FFF;

    private final byte[] out = new byte[MAX_TCP];
    private final NameCompressor compressor = new NameCompressor(out);
    private Query query;
    private int length;
    private int limit;
    private int rcode;
    private boolean authoritative;
    private boolean authenticData;
    private boolean truncated;
    private int lastTarget;
    private int answers;
    private int authorities;
    private int additionals;
    private int extendedError;
    private String extendedText;

    public Reply() {
        query = new Query();
        extendedText = "";
    }

    /** Starts a reply to {@code to} of at most {@code maxBytes}, its OPT included. */
    public void start(Query to, int maxBytes) {
        query = to;
        rcode = Rcode.NOERROR;
        authoritative = false;
        authenticData = false;
        truncated = false;
        lastTarget = QUESTION_NAME;
        answers = 0;
        authorities = 0;
        additionals = 0;
        extendedError = ExtendedError.NONE;
        extendedText = "";
        length = to.questionEnd();
        System.arraycopy(to.packet(), Query.HEADER, out, Query.HEADER, length - Query.HEADER);
        // 11 for OPT itself; extended errors are added only where they fit.
        limit = maxBytes - (to.edns() ? 11 : 0);
        compressor.reset();
    }

    public void rcode(int code) {
        rcode = code;
    }

    public int rcode() {
        return rcode;
    }

    public void authoritative(boolean aa) {
        authoritative = aa;
    }

    public void authenticData(boolean ad) {
        authenticData = ad;
    }

    public void extendedError(int code, String text) {
        extendedError = code;
        extendedText = text;
    }

    /** Where the target of the last CNAME stands: the owner of what continues its chain. */
    public int lastTarget() {
        return labelAt(lastTarget);
    }

    /** Where, in the name at {@code nameOffset} of this message, the part after its first {@code labels} labels stands. */
    public int parentOffset(int nameOffset, int labels) {
        int at = labelAt(nameOffset);
        for (int i = 0; i < labels; i++) {
            at = labelAt(at + 1 + out[at]);
        }
        return at;
    }

    private int labelAt(int offset) {
        int at = offset;
        while ((out[at] & 0xC0) == 0xC0) {
            at = FlatRecords.u16(out, at) & MAX_POINTER;
        }
        return at;
    }

    public int answers() {
        return answers;
    }

    /** An A or AAAA record: {@code size} bytes of {@code from} at {@code offset}. */
    public void address(int ownerOffset, int size, int ttl, byte[] from, int offset) {
        if (!room(12 + size)) {
            return;
        }
        head(ownerOffset, size == 4 ? RecordType.A : RecordType.AAAA, ttl);
        u16(size);
        System.arraycopy(from, offset, out, length, size);
        length += size;
        answers++;
    }

    /** A CNAME; returns the target's offset, which is the owner of what follows, or -1 once the reply is full. */
    public int cname(int ownerOffset, int ttl, byte[] target, int offset, int size) {
        if (!room(12 + size + 1)) {
            return -1;
        }
        head(ownerOffset, RecordType.CNAME, ttl);
        u16(size + 1);
        int targetOffset = length;
        plainName(target, offset, size);
        answers++;
        lastTarget = targetOffset;
        return targetOffset;
    }

    /** A CNAME whose target is the first {@code size} bytes of the question's name, case as asked: an expanded name's way back. */
    public int cnameToHead(int ownerOffset, int ttl, int size) {
        return cname(ownerOffset, ttl, query.packet(), Query.HEADER, size);
    }

    public void ptr(int ownerOffset, int ttl, byte[] target) {
        record(ownerOffset, RecordType.PTR, ttl, target.length + 1);
        if (!truncated) {
            plainName(target, 0, target.length);
            answers++;
        }
    }

    /** An SRV record (RFC 2782; its target is never compressed); returns the target's offset, or -1 once full. */
    public int srv(int ownerOffset, int ttl, int weight, int port, byte[] target) {
        record(ownerOffset, RecordType.SRV, ttl, 6 + target.length + 1);
        if (truncated) {
            return -1;
        }
        u16(0);
        u16(weight);
        u16(port);
        int targetOffset = length;
        plainName(target, 0, target.length);
        answers++;
        return targetOffset;
    }

    /** A record whose data is given as it goes on the wire. */
    public void raw(int ownerOffset, int type, int ttl, byte[] data) {
        record(ownerOffset, type, ttl, data.length);
        if (!truncated) {
            System.arraycopy(data, 0, out, length, data.length);
            length += data.length;
            answers++;
        }
    }

    /** An address in the additional section; left out silently when it does not fit. */
    public void additionalAddress(int ownerOffset, int size, int ttl, byte[] from, int offset) {
        if (truncated || length + 12 + size > limit) {
            return;
        }
        head(ownerOffset, size == 4 ? RecordType.A : RecordType.AAAA, ttl);
        u16(size);
        System.arraycopy(from, offset, out, length, size);
        length += size;
        additionals++;
    }

    /** The SOA that lets a resolver cache a negative answer (RFC 2308 §5) for the zone named at {@code zoneOffset}. */
    public void soa(int zoneOffset, int ttl, int serial) {
        if (soaRecord(zoneOffset, ttl, ttl, serial)) {
            authorities++;
        }
    }

    /** The SOA as the answer: the question is for a zone's own name. */
    public void soaAnswer(int ttl, int negativeTtl, int serial) {
        if (soaRecord(QUESTION_NAME, ttl, negativeTtl, serial)) {
            answers++;
        }
    }

    private boolean soaRecord(int zoneOffset, int ttl, int negativeTtl, int serial) {
        // Names: ns.dns.<zone> and hostmaster.<zone>, the zone as a pointer.
        record(zoneOffset, RecordType.SOA, ttl, 9 + 13 + 20);
        if (truncated) {
            return false;
        }
        label("ns");
        label("dns");
        u16(POINTER | zoneOffset);
        label("hostmaster");
        u16(POINTER | zoneOffset);
        u32(serial);
        u32(7200);
        u32(1800);
        u32(86_400);
        u32(negativeTtl);
        return true;
    }

    /**
     * Records of an upstream answer, names compressed anew. TTLs are lowered by {@code ageSeconds} (at least 1 stays), or all
     * set to {@code fixedTtl} when that is positive. A full reply ends truncated.
     */
    public void records(UpstreamAnswer answer, int ageSeconds, int fixedTtl) {
        int at = 0;
        byte[] flat = answer.records();
        int total = answer.answers() + answer.authorities();
        for (int i = 0; i < total && !truncated; i++) {
            at = flatRecord(flat, at, ageSeconds, fixedTtl);
            if (truncated) {
                return;
            }
            if (i < answer.answers()) {
                answers++;
            } else {
                authorities++;
            }
        }
    }

    private int flatRecord(byte[] flat, int start, int ageSeconds, int fixedTtl) {
        int at = start;
        while (flat[at] != 0) {
            at += 1 + flat[at];
        }
        int ownerEnd = at + 1;
        int type = FlatRecords.u16(flat, ownerEnd);
        int dataLength = FlatRecords.u16(flat, ownerEnd + 8);
        int dataStart = ownerEnd + 10;
        if (!room(ownerEnd - start + 10 + dataLength)) {
            return dataStart + dataLength;
        }
        length = compressor.write(flat, start, length);
        u16(type);
        u16(FlatRecords.u16(flat, ownerEnd + 2));
        int ttl = FlatRecords.u32(flat, ownerEnd + 4);
        u32(fixedTtl > 0 ? Math.min(fixedTtl, ttl) : Math.max(1, ttl - ageSeconds));
        int lengthAt = length;
        length += 2;
        data(flat, type, dataStart, dataLength);
        int written = length - lengthAt - 2;
        out[lengthAt] = (byte) (written >>> 8);
        out[lengthAt + 1] = (byte) written;
        return dataStart + dataLength;
    }

    /** Only RFC 1035's own types may carry compressed names (RFC 3597 §4). */
    private void data(byte[] flat, int type, int dataStart, int dataLength) {
        int fixed =
                switch (type) {
                    case RecordType.CNAME, RecordType.NS, RecordType.PTR, RecordType.SOA -> 0;
                    case RecordType.MX -> 2;
                    default -> dataLength;
                };
        System.arraycopy(flat, dataStart, out, length, fixed);
        length += fixed;
        if (fixed == dataLength) {
            return;
        }
        if (type == RecordType.CNAME) {
            lastTarget = length;
        }
        length = compressor.write(flat, dataStart + fixed, length);
        if (type == RecordType.SOA) {
            int at = FlatRecords.skipName(flat, dataStart);
            length = compressor.write(flat, at, length);
            at = FlatRecords.skipName(flat, at);
            System.arraycopy(flat, at, out, length, 20);
            length += 20;
        }
    }

    /** Completes the message; returns its length in {@link #bytes}. */
    public int finish() {
        if (truncated) {
            length = query.questionEnd();
            answers = 0;
            authorities = 0;
            additionals = 0;
        }
        byte[] packet = query.packet();
        out[0] = packet[0];
        out[1] = packet[1];
        boolean failed = rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN;
        out[2] = (byte) (0x80 | packet[2] & 0x79 | (authoritative && !failed ? 4 : 0) | (truncated ? 2 : 0));
        out[3] = (byte) (0x80 | packet[3] & 0x10 | (authenticData ? 0x20 : 0) | rcode & 0x0F);
        if (query.edns()) {
            opt();
        }
        FlatRecords.put16(out, 4, query.questionEnd() > Query.HEADER ? 1 : 0);
        FlatRecords.put16(out, 6, answers);
        FlatRecords.put16(out, 8, authorities);
        FlatRecords.put16(out, 10, additionals);
        return length;
    }

    private void opt() {
        out[length++] = 0;
        u16(RecordType.OPT);
        u16(MAX_UDP);
        out[length++] = (byte) (rcode >>> 4);
        out[length++] = 0;
        u16(query.dnssecOk() ? 0x8000 : 0);
        int text = extendedText.length();
        // The text is dropped before the code, and both once neither fits: no loop that could fail to shrink.
        if (extendedError != ExtendedError.NONE && length + 8 <= limit + 11) {
            int kept = length + 8 + text <= limit + 11 ? text : 0;
            u16(6 + kept);
            u16(15);
            u16(2 + kept);
            u16(extendedError);
            for (int i = 0; i < kept; i++) {
                out[length++] = (byte) extendedText.charAt(i);
            }
        } else {
            u16(0);
        }
        additionals++;
    }

    public byte[] bytes() {
        return out;
    }

    public boolean truncated() {
        return truncated;
    }

    private boolean room(int bytes) {
        if (truncated || length + bytes > limit) {
            truncated = true;
        }
        return !truncated;
    }

    private void record(int ownerOffset, int type, int ttl, int dataLength) {
        if (room(12 + dataLength)) {
            head(ownerOffset, type, ttl);
            u16(dataLength);
        }
    }

    private void head(int ownerOffset, int type, int ttl) {
        assert ownerOffset <= MAX_POINTER;
        u16(POINTER | ownerOffset);
        u16(type);
        u16(1);
        u32(ttl);
    }

    private void plainName(byte[] name, int offset, int size) {
        System.arraycopy(name, offset, out, length, size);
        length += size;
        out[length++] = 0;
    }

    private void label(String text) {
        out[length++] = (byte) text.length();
        for (int i = 0; i < text.length(); i++) {
            out[length++] = (byte) text.charAt(i);
        }
    }

    private void u16(int value) {
        out[length++] = (byte) (value >>> 8);
        out[length++] = (byte) value;
    }

    private void u32(int value) {
        u16(value >>> 16);
        u16(value);
    }
}
