package dev.outrider.proxy.explain;

import dev.outrider.proxy.intercept.PacketPath;
import org.jspecify.annotations.Nullable;

/** What is asked. */
public sealed interface Question {

    /** Whether a connection to the chosen endpoint is to be opened. */
    boolean dial();

    /**
     * A request that a process of this machine makes.
     *
     * @param port 0: the only one that the mesh knows of this host, or 80
     * @param wire what the client speaks
     * @param caller who makes it; null: nobody in particular
     */
    record Outbound(String host, int port, String path, Wire wire, @Nullable Caller caller, boolean dial) implements Question {}

    /** A request that another machine makes to a port of this one; {@code from}: the caller's SPIFFE id, "" = any workload of the mesh. */
    record Inbound(int port, String path, String from, boolean dial) implements Question {}

    /** AUTO: TLS where the listener has a chain for that server name or the port is 443, else plaintext. */
    enum Wire { AUTO, PLAINTEXT, TLS }

    /** A user of this machine. */
    record Caller(String name, PacketPath.Owner owner) {}
}
