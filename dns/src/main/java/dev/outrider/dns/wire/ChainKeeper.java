package dev.outrider.dns.wire;

/**
 * Keeps, of an answer section, the records that hang together with the question: the asked type at the end of a chain of CNAMEs
 * (and their signatures, and a DNAME that covers the name), each link at most once. What hangs elsewhere is dropped: it could only serve
 * to plant other names. Moves the kept records to the front of the array, in order.
 */
final class ChainKeeper {

    private final byte[] flat;
    private final int[] offsets;
    private final int count;
    private final int end;
    private final boolean[] kept;
    private int byteCount;
    private int minTtl = ReplyParser.MAX_POSITIVE_TTL;
    private boolean reachedType;

    ChainKeeper(byte[] flat, int[] offsets, int count, int end) {
        this.flat = flat;
        this.offsets = offsets;
        this.count = count;
        this.end = end;
        this.kept = new boolean[count];
    }

    /** Returns how many records stay. */
    int keep(UpstreamQuestion question, int maxLinks) {
        byte[] current = question.name();
        int currentOffset = 0;
        int currentLength = current.length;
        for (int link = 0; link <= maxLinks; link++) {
            int next = -1;
            for (int i = 0; i < count; i++) {
                if (kept[i]) {
                    continue;
                }
                int ownerEnd = FlatRecords.skipName(flat, offsets[i]);
                int type = FlatRecords.u16(flat, ownerEnd);
                if (FlatRecords.u16(flat, ownerEnd + 2) != 1) {
                    continue;
                }
                boolean owns = sameName(offsets[i], ownerEnd - 1 - offsets[i], current, currentOffset, currentLength);
                if (owns && (type == question.type() || type == RecordType.RRSIG)) {
                    kept[i] = true;
                    reachedType |= type == question.type();
                } else if (owns && type == RecordType.CNAME && next < 0) {
                    kept[i] = true;
                    next = ownerEnd + 10;
                } else if (type == RecordType.DNAME && covers(offsets[i], ownerEnd - 1 - offsets[i], current, currentOffset, currentLength)) {
                    kept[i] = true;
                }
            }
            if (next < 0 || reachedType) {
                break;
            }
            current = flat;
            currentOffset = next;
            currentLength = FlatRecords.skipName(flat, next) - 1 - next;
        }
        return compact();
    }

    private int compact() {
        int records = 0;
        for (int i = 0; i < count; i++) {
            if (kept[i]) {
                int start = offsets[i];
                int size = (i + 1 < count ? offsets[i + 1] : end) - start;
                minTtl = Math.min(minTtl, FlatRecords.u32(flat, FlatRecords.skipName(flat, start) + 4));
                System.arraycopy(flat, start, flat, byteCount, size);
                byteCount += size;
                records++;
            }
        }
        return records;
    }

    private boolean sameName(int offset, int length, byte[] other, int otherOffset, int otherLength) {
        if (length != otherLength) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (WireName.lower(flat[offset + i]) != WireName.lower(other[otherOffset + i])) {
                return false;
            }
        }
        return true;
    }

    /** Whether the record's owner is a proper parent of the current name: a suffix that starts at a label. */
    private boolean covers(int offset, int length, byte[] other, int otherOffset, int otherLength) {
        int at = 0;
        while (otherLength - at > length) {
            at += 1 + other[otherOffset + at];
        }
        return at > 0 && otherLength - at == length && sameName(offset, length, other, otherOffset + at, length);
    }

    int byteCount() {
        return byteCount;
    }

    int minTtl() {
        return minTtl;
    }

    boolean reachedType() {
        return reachedType;
    }
}
