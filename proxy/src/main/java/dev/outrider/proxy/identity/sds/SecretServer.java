package dev.outrider.proxy.identity.sds;

import dev.outrider.xds.SecretSource;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Serves the secrets of one source at one Unix socket. Any thread. */
public final class SecretServer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.identity");

    private static final int MAX_REQUEST_BYTES = 64 * 1024;
    private static final int MAX_STREAMS = 16;

    private final Server server;
    private final Path socket;
    private final @Nullable Object file;

    private SecretServer(Server server, Path socket) throws IOException {
        this.server = server;
        this.socket = socket;
        this.file = key(socket);
    }

    /**
     * Throws with a line for the operator. The socket appears at its place with its final modes, in one step, over a dead one.
     *
     * @param group whose members may connect too, "" = none
     * @param takesOver whether who serves it now is this process's predecessor
     * @param loops of epoll
     */
    public static SecretServer start(Path socket, String group, boolean takesOver, SecretSource source, EventLoopGroup loops) throws IOException {
        if (!takesOver && alive(socket)) {
            throw new IOException(socket + " is served by another program (an SDS server such as SPIRE's agent): stop that, or name another socket");
        }
        Path parent = socket.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException(socket + " is no place for a socket");
        }
        Files.createDirectories(parent);
        Path stage = Files.createTempDirectory(parent, ".sds", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path staged = stage.resolve("s");
        try {
            Server server = NettyServerBuilder.forAddress(new DomainSocketAddress(staged.toString()))
                    .channelType(EpollServerDomainSocketChannel.class)
                    .bossEventLoopGroup(loops)
                    .workerEventLoopGroup(loops)
                    .directExecutor()
                    .maxInboundMessageSize(MAX_REQUEST_BYTES)
                    .maxConcurrentCallsPerConnection(MAX_STREAMS)
                    .addService(new SecretService(source))
                    .build().start();
            try {
                restrict(staged, group);
                Files.move(staged, socket, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                server.shutdownNow();
                throw e;
            }
            return new SecretServer(server, socket);
        } finally {
            Files.deleteIfExists(staged);
            Files.delete(stage);
        }
    }

    private static void restrict(Path staged, String group) throws IOException {
        Files.setPosixFilePermissions(staged, PosixFilePermissions.fromString(group.isEmpty() ? "rw-------" : "rw-rw----"));
        if (!group.isEmpty()) {
            Files.getFileAttributeView(staged, PosixFileAttributeView.class)
                    .setGroup(staged.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
        }
    }

    private static boolean alive(Path socket) {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }

    private static @Nullable Object key(Path socket) throws IOException {
        return Files.readAttributes(socket, BasicFileAttributes.class).fileKey();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            // After an upgrade the place is the next process's.
            Object now = key(socket);
            if (now != null && now.equals(file)) {
                Files.delete(socket);
            }
            if (!server.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warning(socket + ": a client's stream did not end");
            }
        } catch (IOException e) {
            LOG.log(Level.FINE, "the socket is gone already", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
