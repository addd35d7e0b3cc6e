package dev.outrider.proxy.identity.ca;

/** Why there is no certificate, in one line for the operator that ends with what to do. */
public final class CaException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What kind of thing went wrong, for {@code doctor} and for metrics. */
    public enum Kind { UNREACHABLE, UNTRUSTED, CLOCK, NOT_TLS, UNAUTHENTICATED, DENIED, NO_SUCH_SERVICE, BAD_ANSWER, OTHER }

    private final Kind kind;

    CaException(Kind kind, String line) {
        super(line, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** The line. */
    public String line() {
        return String.valueOf(getMessage());
    }
}
