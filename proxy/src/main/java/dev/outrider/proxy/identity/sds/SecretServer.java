package dev.outrider.proxy.identity.sds;

import dev.outrider.proxy.connection.SocketFile;
import dev.outrider.xds.SecretSource;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Serves the secrets of one source at one Unix socket. Any thread. */
public final class SecretServer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.identity");

    private static final int MAX_REQUEST_BYTES = 64 * 1024;
    private static final int MAX_STREAMS = 16;

    private final Server server;
    private final SocketFile file;
    private final Path socket;

    private SecretServer(Server server, SocketFile file, Path socket) {
        this.server = server;
        this.file = file;
        this.socket = socket;
    }

    /**
     * Throws with a line for the operator. The socket appears at its place with its final modes, in one step, over a dead one.
     *
     * @param group whose members may connect too, "" = none
     * @param takesOver whether who serves it now is this process's predecessor
     * @param loops of epoll
     */
    public static SecretServer start(Path socket, String group, boolean takesOver, SecretSource source, EventLoopGroup loops) throws IOException {
        if (!takesOver && SocketFile.alive(socket)) {
            throw new IOException(socket + " is served by another program (an SDS server such as SPIRE's agent): stop that, or name another socket");
        }
        SocketFile.Published<Server> published = SocketFile.publish(socket, group.isEmpty() ? "rw-------" : "rw-rw----", group, at ->
                NettyServerBuilder.forAddress(new DomainSocketAddress(at.toString()))
                        .channelType(EpollServerDomainSocketChannel.class)
                        .bossEventLoopGroup(loops)
                        .workerEventLoopGroup(loops)
                        .directExecutor()
                        .maxInboundMessageSize(MAX_REQUEST_BYTES)
                        .maxConcurrentCallsPerConnection(MAX_STREAMS)
                        .addService(new SecretService(source))
                        .build().start(), Server::shutdownNow);
        return new SecretServer(published.server(), published.file(), socket);
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            file.remove();
            if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warning(socket + ": a client's stream did not end");
            }
        } catch (IOException e) {
            LOG.log(Level.FINE, socket + " could not be removed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
