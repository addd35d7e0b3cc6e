package dev.outrider.proxy.explain;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.upstream.Connector;
import dev.outrider.proxy.http.StreamReset;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Opens a connection to an endpoint as the data path does, looks at who is there, and closes it. Waits; the connection lives on a data loop. */
final class Dialling {

    static final String STAGE = "dial";

    /** Above any connect time-out of a mesh that answers at all. */
    private static final int PATIENCE_SECONDS = 12;

    private final DataPath path;

    Dialling(DataPath path) {
        this.path = path;
    }

    private record Outcome(@Nullable TlsPeer peer, @Nullable StreamReset failure, String details, long nanos) {}

    Step dial(Host host) {
        CompletableFuture<Outcome> done = new CompletableFuture<>();
        EventLoop loop = path.loop();
        loop.execute(() -> begin(host, loop, done));
        try {
            return told(host, done.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            return failed(host, "no answer within " + PATIENCE_SECONDS + " s");
        } catch (ExecutionException e) {
            return failed(host, String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(host, "the process ends");
        }
    }

    private void begin(Host host, EventLoop loop, CompletableFuture<Outcome> done) {
        long began = System.nanoTime();
        var unused = path.connector().connect(host.origin(), loop, List.of(), "", new Connector.Waiter() {
            @Override
            public void onConnected(Channel channel, @Nullable TlsPeer tls) {
                channel.close();
                done.complete(new Outcome(tls, null, "", System.nanoTime() - began));
            }

            @Override
            public void onFailure(StreamReset reason, String details) {
                done.complete(new Outcome(null, reason, details, System.nanoTime() - began));
            }
        });
    }

    private static Step told(Host host, Outcome outcome) {
        StreamReset failure = outcome.failure();
        String took = " in " + outcome.nanos() / 100_000 / 10.0 + " ms";
        if (failure != null) {
            return failed(host, outcome.details().isEmpty() ? failure.text() + took : outcome.details());
        }
        TlsPeer peer = outcome.peer();
        if (peer == null) {
            return Step.ok(STAGE, "connected to " + host.address() + took + ", in plaintext");
        }
        return Step.ok(STAGE, "connected to " + host.address() + took + ": it is " + (peer.identity().isEmpty() ? peer.subject() : peer.identity()),
                peer.version() + (peer.alpn().isEmpty() ? "" : ", ALPN " + peer.alpn()),
                "we are " + (peer.localIdentity().isEmpty() ? "anonymous" : peer.localIdentity()));
    }

    private static Step failed(Host host, String why) {
        return Step.problem(STAGE, host.address() + ": " + why, remedy(why.toLowerCase(Locale.ROOT)));
    }

    private static String remedy(String why) {
        if (why.contains("refused")) {
            return "nothing listens there: is the workload (or the gateway) up?";
        }
        if (why.contains("unreachable") || why.contains("no route") || why.contains("time")) {
            return "this machine has no way there, or a firewall drops it: endpoints of another network are reached through its east-west gateway, which needs "
                    + "this machine's network (ISTIO_META_NETWORK)";
        }
        if (why.contains("wrong_version_number") || why.contains("not an ssl/tls record")) {
            return "the peer spoke plaintext: it has no sidecar, or its port takes no mutual TLS (PeerAuthentication DISABLE, DestinationRule tls mode)";
        }
        if (why.contains("certificate_verify_failed")) {
            return "the peer is not who it should be, or not of the same root: compare the identity that is expected with the service's service account, and the roots";
        }
        if (why.contains("expired")) {
            return "a certificate has expired, or a clock is off: outrider doctor";
        }
        if (why.contains("secret") || why.contains("certificate")) {
            return "this machine's own certificate is missing or refused: outrider status, outrider doctor";
        }
        return "outrider doctor looks at certificates, clock and network";
    }
}
