package dev.outrider.dns.table;

import dev.outrider.dns.wire.Query;

/** Reads the address out of a complete reverse name (RFC 1035 §3.5, RFC 3596 §2.5). Pure. */
public final class ReverseName {

    private ReverseName() {}

    /** Fills {@code address} and returns 4 or 16, or 0 when the name is no complete reverse name. */
    public static int address(Query query, byte[] address) {
        int labels = query.labels();
        if (labels == 6 && query.labelIs(4, "in-addr") && query.labelIs(5, "arpa")) {
            for (int i = 0; i < 4; i++) {
                int value = octet(query, 3 - i);
                if (value < 0) {
                    return 0;
                }
                address[i] = (byte) value;
            }
            return 4;
        }
        if (labels == 34 && query.labelIs(32, "ip6") && query.labelIs(33, "arpa")) {
            for (int i = 0; i < 16; i++) {
                int high = nibble(query, 31 - 2 * i);
                int low = nibble(query, 30 - 2 * i);
                if (high < 0 || low < 0) {
                    return 0;
                }
                address[i] = (byte) (high << 4 | low);
            }
            return 16;
        }
        return 0;
    }

    /** Whether the name is the beginning of reverse names and none itself, as {@code 96.10.in-addr.arpa} is: it exists without records. */
    public static boolean partial(Query query) {
        int labels = query.labels();
        if (labels < 3 || !query.labelIs(labels - 1, "arpa")) {
            return false;
        }
        boolean v4 = query.labelIs(labels - 2, "in-addr");
        if (!v4 && !query.labelIs(labels - 2, "ip6") || labels >= (v4 ? 6 : 34)) {
            return false;
        }
        for (int i = 0; i < labels - 2; i++) {
            if ((v4 ? octet(query, i) : nibble(query, i)) < 0) {
                return false;
            }
        }
        return true;
    }

    private static int octet(Query query, int index) {
        int at = query.labelStart(index);
        byte[] name = query.name();
        int digits = name[at];
        if (digits > 3 || digits > 1 && name[at + 1] == '0') {
            return -1;
        }
        int value = 0;
        for (int i = 1; i <= digits; i++) {
            int digit = name[at + i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value <= 255 ? value : -1;
    }

    private static int nibble(Query query, int index) {
        int at = query.labelStart(index);
        return query.name()[at] == 1 ? Character.digit(query.name()[at + 1], 16) : -1;
    }
}
