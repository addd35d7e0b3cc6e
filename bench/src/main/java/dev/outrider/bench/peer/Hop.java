package dev.outrider.bench.peer;

/**
 * One way through a proxy: a listener and the only host behind it, both on the loopback address.
 *
 * @param kind what the proxy takes the bytes for
 * @param security where TLS is
 */
public record Hop(Kind kind, Security security, int listenPort, int targetPort) {

    public enum Kind {
        HTTP,
        /** HTTP/2 on both sides. */
        GRPC,
        TCP,
        /** HTTP/1.1 from the client, HTTP/2 to the target. */
        UPGRADE,
        /** The reverse. */
        DOWNGRADE;

        boolean http2FromClient() {
            return this == GRPC || this == DOWNGRADE;
        }

        boolean http2ToTarget() {
            return this == GRPC || this == UPGRADE;
        }
    }

    /** Mutual TLS on one side, or none. */
    public enum Security { NONE, TOWARDS_CLIENT, TOWARDS_TARGET }

    String listener() {
        return "hop-" + listenPort;
    }

    String cluster() {
        return "target-of-" + listenPort;
    }
}
