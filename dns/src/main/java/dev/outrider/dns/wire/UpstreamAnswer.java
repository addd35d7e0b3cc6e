package dev.outrider.dns.wire;

import java.util.Arrays;

/**
 * What an upstream resolver said to one question, rebuilt: records as uncompressed wire bytes, those of the answer section first
 * (all on the chain that starts at the question), then the few of the authority section that are kept (the SOA of a negative
 * answer, and proofs when DNSSEC records were asked for). Nothing changes it; any thread.
 */
public final class UpstreamAnswer {

    /** Holds a place where no answer is meant. */
    public static final UpstreamAnswer NOTHING = new UpstreamAnswer(Rcode.NOERROR, false, 0, 0, 0, new byte[0]);

    private final int rcode;
    private final boolean authenticData;
    private final int answers;
    private final int authorities;
    private final int ttlSeconds;
    private final byte[] records;

    UpstreamAnswer(int rcode, boolean authenticData, int answers, int authorities, int ttlSeconds, byte[] records) {
        this.rcode = rcode;
        this.authenticData = authenticData;
        this.answers = answers;
        this.authorities = authorities;
        this.ttlSeconds = ttlSeconds;
        this.records = records;
    }

    public int rcode() {
        return rcode;
    }

    public boolean authenticData() {
        return authenticData;
    }

    public int answers() {
        return answers;
    }

    int authorities() {
        return authorities;
    }

    /** How long it may be kept; 0 for what may not be kept at all (SERVFAIL and the like). */
    public int ttlSeconds() {
        return ttlSeconds;
    }

    byte[] records() {
        return records;
    }

    public int byteCount() {
        return records.length;
    }

    public boolean negative() {
        return rcode == Rcode.NXDOMAIN || rcode == Rcode.NOERROR && answers == 0;
    }

    /** Visits CNAME targets in order, until the visitor returns true; returns how many answer records come before and with it. */
    public int answersUpToCname(TargetVisitor visitor) {
        int at = 0;
        for (int i = 0; i < answers; i++) {
            int ownerEnd = FlatRecords.skipName(records, at);
            int data = ownerEnd + 10;
            int dataLength = FlatRecords.u16(records, ownerEnd + 8);
            if (FlatRecords.u16(records, ownerEnd) == RecordType.CNAME && visitor.stopAt(records, data, dataLength - 1)) {
                return i + 1;
            }
            at = data + dataLength;
        }
        return -1;
    }

    /** The same answer cut after its first {@code count} records, for a chain that goes on in our own table. */
    public UpstreamAnswer head(int count) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            int ownerEnd = FlatRecords.skipName(records, at);
            at = ownerEnd + 10 + FlatRecords.u16(records, ownerEnd + 8);
        }
        return new UpstreamAnswer(Rcode.NOERROR, false, count, 0, ttlSeconds, Arrays.copyOf(records, at));
    }

    /** Whether any address in the answer satisfies the test. */
    public boolean anyAddress(AddressTest test) {
        int at = 0;
        for (int i = 0; i < answers; i++) {
            int ownerEnd = FlatRecords.skipName(records, at);
            int type = FlatRecords.u16(records, ownerEnd);
            int data = ownerEnd + 10;
            int dataLength = FlatRecords.u16(records, ownerEnd + 8);
            if ((type == RecordType.A && dataLength == 4 || type == RecordType.AAAA && dataLength == 16)
                    && test.matches(records, data, dataLength)) {
                return true;
            }
            at = data + dataLength;
        }
        return false;
    }

    /** Sees a CNAME's target as labels without the root octet, case as received. */
    public interface TargetVisitor {
        boolean stopAt(byte[] bytes, int offset, int length);
    }

    /** Sees an address of 4 or 16 bytes. */
    public interface AddressTest {
        boolean matches(byte[] bytes, int offset, int length);
    }
}
