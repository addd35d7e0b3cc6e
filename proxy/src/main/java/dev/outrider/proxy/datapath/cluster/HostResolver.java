package dev.outrider.proxy.datapath.cluster;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Resolves names of DNS clusters. Must not block its caller. */
public interface HostResolver extends AutoCloseable {

    /** {@code ttlNanos} 0: not known. An empty list is an answer; a failure is an exceptional completion. */
    record Answer(List<InetAddress> addresses, long ttlNanos) {}

    CompletionStage<Answer> resolve(String host);

    @Override
    void close();
}
