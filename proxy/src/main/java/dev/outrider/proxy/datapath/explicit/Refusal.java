package dev.outrider.proxy.datapath.explicit;

/** Why a client is not taken where it wants to go. Without a stack: hostile clients must not pay in our time. */
final class Refusal extends Exception {

    private static final long serialVersionUID = 1;

    /** With the reply of SOCKS (RFC 1928 §6), and the status and sentence of HTTP. */
    enum Reason {
        MALFORMED(1, "400 Bad Request", "this is neither SOCKS5 nor a sound CONNECT request"),
        NOT_READY(1, "503 Service Unavailable", "the mesh's outbound listener is not there yet: outrider status"),
        OWN_PORT(2, "403 Forbidden", "the target is a port of the sidecar itself"),
        NO_METHOD(0xFF, "407 Proxy Authentication Required", "only SOCKS5 without authentication is spoken here"),
        UNKNOWN_HOST(4, "502 Bad Gateway", "the name of the target has no address: outrider dns query NAME"),
        NOT_CONNECT(7, "405 Method Not Allowed", "use CONNECT (curl --proxytunnel) or SOCKS5 (curl -x socks5h://)"),
        ADDRESS_TYPE(8, "400 Bad Request", "the kind of address is unknown");

        private final int socks;
        private final String status;
        private final String sentence;

        Reason(int socks, String status, String sentence) {
            this.socks = socks;
            this.status = status;
            this.sentence = sentence;
        }

        int socks() {
            return socks;
        }

        String status() {
            return status;
        }

        String sentence() {
            return sentence;
        }
    }

    private final Reason reason;

    Refusal(Reason reason) {
        super(reason.sentence, null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }
}
