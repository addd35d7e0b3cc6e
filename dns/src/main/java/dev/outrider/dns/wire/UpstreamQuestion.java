package dev.outrider.dns.wire;

import java.util.Arrays;

/**
 * A question as it goes to a resolver: always recursive, lower case, EDNS with a 1232-byte buffer, DO/AD/CD as the client set
 * them, none of the client's options, never a client subnet. Equal questions are one question upstream. Immutable.
 */
public final class UpstreamQuestion {

    private static final int FLAG_DO = 1;
    private static final int FLAG_CD = 2;
    private static final int FLAG_AD = 4;

    private final byte[] name;
    private final int type;
    private final int flags;
    private final int hash;

    private UpstreamQuestion(byte[] name, int type, int flags, int nameHash) {
        this.name = name;
        this.type = type;
        this.flags = flags;
        this.hash = hash(nameHash, type, flags);
    }

    public static UpstreamQuestion of(Query query) {
        return new UpstreamQuestion(
                Arrays.copyOf(query.name(), query.nameLength()), query.type(), flags(query), query.suffixHash(0));
    }

    /** The same client's wish for another name: where a chain of CNAMEs leads. */
    public static UpstreamQuestion of(Query query, byte[] name) {
        return new UpstreamQuestion(name, query.type(), flags(query), WireName.hash(name, 0, name.length));
    }

    public static UpstreamQuestion of(byte[] name, int type) {
        return new UpstreamQuestion(name, type, 0, WireName.hash(name, 0, name.length));
    }

    private static int flags(Query query) {
        // DO implies that AD is understood (RFC 6840 §5.7), so the two need no separate answers.
        return (query.dnssecOk() ? FLAG_DO : 0)
                | (query.checkingDisabled() ? FLAG_CD : 0)
                | (query.authenticData() && !query.dnssecOk() ? FLAG_AD : 0);
    }

    private static int hash(int nameHash, int type, int flags) {
        return nameHash * 31 + type * 8 + flags;
    }

    /** The hash that {@link #of(Query)} would have, without making it. */
    public static int hashOf(Query query) {
        return hash(query.suffixHash(0), query.type(), flags(query));
    }

    public boolean matches(Query query) {
        return type == query.type()
                && flags == flags(query)
                && WireName.equal(name, query.name(), 0, query.nameLength());
    }

    /** The packet; without EDNS for a resolver that answers FORMERR to it. */
    public byte[] packet(int id, boolean edns) {
        byte[] packet = new byte[Query.HEADER + name.length + 5 + (edns ? 11 : 0)];
        FlatRecords.put16(packet, 0, id);
        packet[2] = 1;
        packet[3] = (byte) (((flags & FLAG_AD) != 0 ? 0x20 : 0) | ((flags & FLAG_CD) != 0 ? 0x10 : 0));
        packet[5] = 1;
        System.arraycopy(name, 0, packet, Query.HEADER, name.length);
        int at = Query.HEADER + name.length + 1;
        FlatRecords.put16(packet, at, type);
        FlatRecords.put16(packet, at + 2, 1);
        if (edns) {
            packet[11] = 1;
            FlatRecords.put16(packet, at + 5, RecordType.OPT);
            FlatRecords.put16(packet, at + 7, Reply.MAX_UDP);
            FlatRecords.put16(packet, at + 11, dnssecOk() ? 0x8000 : 0);
        }
        return packet;
    }

    public byte[] name() {
        return name;
    }

    public int type() {
        return type;
    }

    boolean dnssecOk() {
        return (flags & FLAG_DO) != 0;
    }

    public String text() {
        return WireName.text(name) + " " + RecordType.name(type);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UpstreamQuestion q && q.type == type && q.flags == flags && Arrays.equals(q.name, name);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
