package dev.outrider.dns.wire;

/** Response codes (RFC 1035 §4.1.1, RFC 6891 §9). */
public final class Rcode {

    public static final int NOERROR = 0;
    public static final int FORMERR = 1;
    public static final int SERVFAIL = 2;
    public static final int NXDOMAIN = 3;
    public static final int NOTIMP = 4;
    public static final int REFUSED = 5;

    /** Extended: the upper eight bits travel in the OPT record. */
    public static final int BADVERS = 16;

    private Rcode() {}

    /** The mnemonic, or {@code RCODEn}. */
    public static String name(int rcode) {
        return switch (rcode) {
            case NOERROR -> "NOERROR";
            case FORMERR -> "FORMERR";
            case SERVFAIL -> "SERVFAIL";
            case NXDOMAIN -> "NXDOMAIN";
            case NOTIMP -> "NOTIMP";
            case REFUSED -> "REFUSED";
            case BADVERS -> "BADVERS";
            default -> "RCODE" + rcode;
        };
    }
}
