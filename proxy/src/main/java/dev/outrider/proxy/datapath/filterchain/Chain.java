package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.xds.model.Listener;
import org.jspecify.annotations.Nullable;

/** A compiled filter chain: what to do with a connection that matched it. {@code tls} null = the bytes are served as they come. Immutable. */
public record Chain(Listener.FilterChain model, @Nullable ChainTls tls, ConnectionProgram program) {}
