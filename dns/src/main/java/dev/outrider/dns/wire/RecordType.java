package dev.outrider.dns.wire;

import java.util.Locale;

/** Record and question types that the shim treats by name (IANA "Resource Record (RR) TYPEs"). */
public final class RecordType {

    public static final int A = 1;
    public static final int NS = 2;
    public static final int CNAME = 5;
    public static final int SOA = 6;
    public static final int PTR = 12;
    public static final int HINFO = 13;
    public static final int MX = 15;
    public static final int TXT = 16;
    public static final int RP = 17;
    public static final int AFSDB = 18;
    public static final int RT = 21;
    public static final int AAAA = 28;
    public static final int SRV = 33;
    public static final int NAPTR = 35;
    public static final int KX = 36;
    public static final int DNAME = 39;
    public static final int OPT = 41;
    public static final int RRSIG = 46;
    public static final int NSEC = 47;
    public static final int NSEC3 = 50;
    public static final int SVCB = 64;
    public static final int HTTPS = 65;
    public static final int TKEY = 249;
    public static final int TSIG = 250;
    public static final int IXFR = 251;
    public static final int AXFR = 252;
    public static final int MAILB = 253;
    public static final int MAILA = 254;
    public static final int ANY = 255;

    private RecordType() {}

    /** The mnemonic, or {@code TYPEn} (RFC 3597 §5). */
    public static String name(int type) {
        return switch (type) {
            case A -> "A";
            case NS -> "NS";
            case CNAME -> "CNAME";
            case SOA -> "SOA";
            case PTR -> "PTR";
            case HINFO -> "HINFO";
            case MX -> "MX";
            case TXT -> "TXT";
            case AAAA -> "AAAA";
            case SRV -> "SRV";
            case NAPTR -> "NAPTR";
            case DNAME -> "DNAME";
            case RRSIG -> "RRSIG";
            case SVCB -> "SVCB";
            case HTTPS -> "HTTPS";
            case ANY -> "ANY";
            default -> "TYPE" + type;
        };
    }

    /** The number of a mnemonic or of {@code TYPEn}. Throws IllegalArgumentException that names what is known. */
    public static int parse(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        for (int type = 1; type <= ANY; type++) {
            if (name(type).equals(upper)) {
                return type;
            }
        }
        if (upper.startsWith("TYPE")) {
            try {
                int type = Integer.parseInt(upper.substring(4));
                if (type >= 0 && type <= 0xFFFF) {
                    return type;
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("record type " + text + ": TYPE must be followed by 0 to 65535", e);
            }
        }
        throw new IllegalArgumentException(
                "record type " + text + " is not known: use A, AAAA, CNAME, MX, NS, PTR, SOA, SRV, TXT, HTTPS, ANY or TYPEn");
    }
}
