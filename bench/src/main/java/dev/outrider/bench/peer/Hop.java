package dev.outrider.bench.peer;

/**
 * One way through a proxy: a listener and the only host behind it, both on the loopback address.
 *
 * @param kind what the proxy takes the bytes for
 * @param security where TLS is
 */
public record Hop(Kind kind, Security security, int listenPort, int targetPort) {

    public enum Kind { HTTP, GRPC, TCP }

    /** Mutual TLS on one side, or none. */
    public enum Security { NONE, TOWARDS_CLIENT, TOWARDS_TARGET }

    String name() {
        return "hop" + listenPort;
    }
}
