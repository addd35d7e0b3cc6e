package dev.outrider.proxy.demo;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Socket addresses in 127/8. */
final class Loopback {

    private Loopback() {}

    static InetSocketAddress at(int port) {
        return at("127.0.0.1", port);
    }

    static InetSocketAddress at(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }
}
