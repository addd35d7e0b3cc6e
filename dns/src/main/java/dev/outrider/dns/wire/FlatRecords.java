package dev.outrider.dns.wire;

/** Big-endian reads and writes, and steps over uncompressed names, in arrays that this package has already validated. */
final class FlatRecords {

    private FlatRecords() {}

    static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    static int u32(byte[] bytes, int at) {
        return u16(bytes, at) << 16 | u16(bytes, at + 2);
    }

    static void put16(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    static void put32(byte[] bytes, int at, int value) {
        put16(bytes, at, value >>> 16);
        put16(bytes, at + 2, value);
    }

    /** One past the root octet of the uncompressed name at {@code at}. */
    static int skipName(byte[] bytes, int at) {
        int i = at;
        while (bytes[i] != 0) {
            i += 1 + bytes[i];
        }
        return i + 1;
    }
}
