package dev.outrider.dns.wire;

import java.util.Arrays;

/**
 * One client packet, parsed strictly into reused fields: nothing is allocated and a bad packet costs one pass at most.
 * Mutable and confined to one loop. RFC 1035 §4.1, RFC 9619 (exactly one question), RFC 6891 (EDNS).
 */
public final class Query {

    /** {@link #parse}'s verdict that no reply may be sent: not a query, or too short to hold an id. */
    public static final int DROP = -1;

    public static final int HEADER = 12;

    static final int MAX_EDNS_OPTIONS = 32;
    static final int MAX_EDNS_BYTES = 512;

    private final byte[] name = new byte[WireName.MAX_LENGTH + 1];
    private final short[] labelStart = new short[128];
    private final int[] suffixHash = new int[128];
    private byte[] packet = new byte[0];
    private int length;
    private int nameLength;
    private int labels;
    private int questionEnd;
    private int type;
    private int queryClass;
    private boolean edns;
    private int udpSize;
    private int version;
    private boolean dnssecOk;

    /**
     * Reads a packet that stays the caller's; it must not change while this query is in use. Returns {@link #DROP},
     * {@link Rcode#NOERROR}, or the code of the refusal.
     */
    public int parse(byte[] bytes, int byteCount) {
        packet = bytes;
        length = byteCount;
        questionEnd = HEADER;
        nameLength = 0;
        labels = 0;
        type = 0;
        queryClass = 0;
        edns = false;
        udpSize = 0;
        version = 0;
        dnssecOk = false;
        if (byteCount < HEADER || (bytes[2] & 0x80) != 0) {
            return DROP;
        }
        if ((bytes[2] & 0x78) != 0) {
            return Rcode.NOTIMP;
        }
        if (u16(4) != 1 || u16(6) != 0 || u16(8) != 0 || u16(10) > 1) {
            return Rcode.FORMERR;
        }
        int end = readQuestion();
        if (end < 0) {
            return Rcode.FORMERR;
        }
        questionEnd = end;
        if (u16(10) == 1) {
            end = readOpt(end);
            if (end < 0) {
                edns = false;
                return Rcode.FORMERR;
            }
        }
        if (end != length) {
            return Rcode.FORMERR;
        }
        return edns && version != 0 ? Rcode.BADVERS : Rcode.NOERROR;
    }

    private int readQuestion() {
        int at = HEADER;
        while (true) {
            if (at >= length) {
                return -1;
            }
            int label = packet[at];
            if (label == 0) {
                break;
            }
            // A pointer in the only question can lead nowhere but into the header: the two high bits are refused.
            if (label < 0 || label > WireName.MAX_LABEL || at + 1 + label >= length || nameLength + 1 + label > WireName.MAX_LENGTH) {
                return -1;
            }
            labelStart[labels++] = (short) nameLength;
            name[nameLength++] = (byte) label;
            for (int i = 1; i <= label; i++) {
                name[nameLength++] = WireName.lower(packet[at + i]);
            }
            at += 1 + label;
        }
        if (at + 5 > length) {
            return -1;
        }
        hashSuffixes();
        type = u16(at + 1);
        queryClass = u16(at + 3);
        return at + 5;
    }

    private void hashSuffixes() {
        int h = 0;
        int label = labels - 1;
        for (int i = nameLength - 1; i >= 0; i--) {
            h = WireName.mix(h, name[i]);
            if (label >= 0 && labelStart[label] == i) {
                suffixHash[label--] = h;
            }
        }
    }

    private int readOpt(int at) {
        if (at + 11 > length || packet[at] != 0 || u16(at + 1) != RecordType.OPT) {
            return -1;
        }
        edns = true;
        udpSize = u16(at + 3);
        version = packet[at + 6] & 0xFF;
        dnssecOk = (packet[at + 7] & 0x80) != 0;
        int dataLength = u16(at + 9);
        int end = at + 11 + dataLength;
        if (end > length || dataLength > MAX_EDNS_BYTES) {
            return -1;
        }
        int options = 0;
        int option = at + 11;
        while (option < end) {
            if (option + 4 > end || ++options > MAX_EDNS_OPTIONS) {
                return -1;
            }
            option += 4 + u16(option + 2);
        }
        return option == end ? end : -1;
    }

    private int u16(int at) {
        return (packet[at] & 0xFF) << 8 | packet[at + 1] & 0xFF;
    }

    /** Lower-case labels without the root octet, {@link #nameLength} bytes of it. Valid until the next parse. */
    public byte[] name() {
        return name;
    }

    public int nameLength() {
        return nameLength;
    }

    public int labels() {
        return labels;
    }

    /** Where label {@code i} begins in {@link #name}; in the packet it is 12 further on. */
    public int labelStart(int i) {
        return labelStart[i];
    }

    /** Whether label {@code i} is this lower-case text. */
    public boolean labelIs(int i, String text) {
        int at = labelStart[i];
        if (name[at] != text.length()) {
            return false;
        }
        for (int c = 0; c < text.length(); c++) {
            if (name[at + 1 + c] != text.charAt(c)) {
                return false;
            }
        }
        return true;
    }

    /** {@link WireName#hash} of the name from label {@code i} on; of the root for {@code i == labels()}. */
    public int suffixHash(int i) {
        return i == labels ? 0 : suffixHash[i];
    }

    public int type() {
        return type;
    }

    public int queryClass() {
        return queryClass;
    }

    public int id() {
        return u16(0);
    }

    public boolean recursionDesired() {
        return (packet[2] & 1) != 0;
    }

    public boolean authenticData() {
        return (packet[3] & 0x20) != 0;
    }

    public boolean checkingDisabled() {
        return (packet[3] & 0x10) != 0;
    }

    public boolean edns() {
        return edns;
    }

    public int udpSize() {
        return udpSize;
    }

    public boolean dnssecOk() {
        return dnssecOk;
    }

    /** One past the question in the packet, or 12 when it could not be read. */
    int questionEnd() {
        return questionEnd;
    }

    byte[] packet() {
        return packet;
    }

    /** A copy to parse again when the answer is here. */
    public byte[] copyPacket() {
        return Arrays.copyOf(packet, length);
    }

    /** The question alone, case as asked: name with root octet, type, class. */
    public byte[] copyQuestion() {
        return Arrays.copyOfRange(packet, HEADER, questionEnd);
    }

    public String nameText() {
        return WireName.text(name, 0, nameLength);
    }
}
