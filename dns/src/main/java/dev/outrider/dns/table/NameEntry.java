package dev.outrider.dns.table;

import dev.outrider.dns.wire.WireName;
import java.util.List;

/**
 * What is known of one host: its addresses ready for the wire and where they come from. Any thread, except for whose turn it is, which
 * belongs to the DNS loop. Addresses alone may change while the entry is in a table: an answer takes each family once, whole.
 */
public final class NameEntry {

    static final byte[] NONE = new byte[0];

    private final byte[] host;
    private volatile byte[] v4;
    private volatile byte[] v6;
    private final byte[] cname;
    private final List<byte[]> texts;
    private final String registry;
    private final boolean wildcard;
    private short turnV4;
    private short turnV6;

    NameEntry(byte[] host, boolean wildcard, Records records, String registry) {
        this.host = host;
        this.wildcard = wildcard;
        this.v4 = records.v4;
        this.v6 = records.v6;
        this.cname = records.cname;
        this.texts = records.texts;
        this.registry = registry;
    }

    /** On the builder's thread. */
    void readdress(Records records) {
        v4 = records.v4;
        v6 = records.v6;
    }

    /** The full name, lower-case labels; without its {@code *} label when {@link #wildcard}. */
    public byte[] host() {
        return host;
    }

    public boolean wildcard() {
        return wildcard;
    }

    /** Addresses of four bytes each, one after the other. */
    public byte[] v4() {
        return v4;
    }

    /** Addresses of sixteen bytes each. */
    public byte[] v6() {
        return v6;
    }

    /**
     * Which of {@code count} addresses comes first this time. Counted per host and family: clients ask for A and AAAA in turn, so a
     * counter for both would give each the same address for ever.
     */
    public int nextFirst(boolean v6, int count) {
        int turn = v6 ? turnV6++ : turnV4++;
        return (turn & 0xFFFF) % count;
    }

    /** Target of a static CNAME, or empty. */
    public byte[] cname() {
        return cname;
    }

    /** Character strings of static TXT records, as they go on the wire. */
    public List<byte[]> texts() {
        return texts;
    }

    public String registry() {
        return registry;
    }

    public boolean isStatic() {
        return registry.equals(NameTableBuilder.STATIC);
    }

    public String hostText() {
        return (wildcard ? "*." : "") + WireName.text(host);
    }

    /** Record data while an entry is put together. */
    static final class Records {
        byte[] v4 = NONE;
        byte[] v6 = NONE;
        byte[] cname = NONE;
        List<byte[]> texts = List.of();
    }
}
