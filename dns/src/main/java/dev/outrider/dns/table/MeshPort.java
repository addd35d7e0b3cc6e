package dev.outrider.dns.table;

/**
 * A port of a mesh host, the stuff of SRV answers: {@code _9080._tcp.host} by number, {@code _http._tcp.host} by protocol name.
 *
 * @param host as in {@link MeshName#host}
 * @param port 1 to 65535
 * @param transport "tcp" or "udp"
 * @param protocol lower-case name such as "http" or "grpc"; empty when unknown; a port with two names has two rows, one after the other
 */
public record MeshPort(String host, int port, String transport, String protocol) {}
