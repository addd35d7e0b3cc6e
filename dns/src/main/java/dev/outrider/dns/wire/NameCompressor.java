package dev.outrider.dns.wire;

/**
 * Compression of names (RFC 1035 §4.1.4) against the question's and up to 64 remembered suffixes of the message being built.
 * Ignores case, so that an owner echoes the case of the question (RFC 4343 §4.1). Bounded work: 64 comparisons a label.
 * Confined to one loop.
 */
final class NameCompressor {

    private static final int REMEMBERED = 64;
    private static final int MAX_POINTER = 0x3FFF;

    private final byte[] out;
    private final int[] offsets = new int[REMEMBERED];
    private int remembered;

    NameCompressor(byte[] out) {
        this.out = out;
    }

    void reset() {
        remembered = -1;
    }

    /** Writes the uncompressed name that starts at {@code at} of {@code flat} to {@code to}; returns the new end. */
    int write(byte[] flat, int at, int to) {
        if (remembered < 0) {
            remembered = 0;
            remember(Query.HEADER);
        }
        int from = at;
        int end = to;
        while (flat[from] != 0) {
            int known = find(flat, from);
            if (known >= 0) {
                FlatRecords.put16(out, end, 0xC000 | known);
                rememberNew(to, end);
                return end + 2;
            }
            int label = 1 + flat[from];
            System.arraycopy(flat, from, out, end, label);
            from += label;
            end += label;
        }
        out[end] = 0;
        rememberNew(to, end);
        return end + 1;
    }

    private void rememberNew(int start, int end) {
        int at = start;
        while (at < end && at <= MAX_POINTER && remembered < REMEMBERED) {
            offsets[remembered++] = at;
            at += 1 + out[at];
        }
    }

    private void remember(int start) {
        int at = start;
        while (out[at] != 0 && remembered < REMEMBERED) {
            offsets[remembered++] = at;
            at += 1 + out[at];
        }
    }

    private int find(byte[] flat, int from) {
        for (int i = 0; i < remembered; i++) {
            if (same(flat, from, offsets[i])) {
                return offsets[i];
            }
        }
        return -1;
    }

    /** Whether the rest of a name equals the one at {@code offset} of the message; its pointers all lead backwards. */
    private boolean same(byte[] flat, int from, int offset) {
        int a = from;
        int b = offset;
        while (true) {
            while ((out[b] & 0xC0) == 0xC0) {
                b = FlatRecords.u16(out, b) & MAX_POINTER;
            }
            int label = flat[a];
            if (label != out[b]) {
                return false;
            }
            if (label == 0) {
                return true;
            }
            for (int i = 1; i <= label; i++) {
                if (WireName.lower(flat[a + i]) != WireName.lower(out[b + i])) {
                    return false;
                }
            }
            a += 1 + label;
            b += 1 + label;
        }
    }
}
