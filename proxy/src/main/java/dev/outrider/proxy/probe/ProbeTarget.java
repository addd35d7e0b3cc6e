package dev.outrider.proxy.probe;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/**
 * Where a probe goes, and from which address so that the interception rules let it pass: connections from 127.0.0.6 and ::6 are those that the sidecar
 * itself hands to the application. From any other address a connection to one of this machine's own comes back to the sidecar, which would be what
 * is tested. Any thread.
 *
 * @param host empty for {@code local}
 * @param local this machine, as the mesh reaches it
 */
record ProbeTarget(String host, int port, InetAddress local) {

    private static final InetAddress PASS_V4 = InetAddress.ofLiteral("127.0.0.6");
    private static final InetAddress PASS_V6 = InetAddress.ofLiteral("::6");

    InetSocketAddress address() throws IOException {
        return new InetSocketAddress(host.isEmpty() ? local : InetAddress.getByName(host), port);
    }

    /** Null for another machine: it is reached as the sidecar's user, whom the rules let go. */
    static @Nullable InetAddress source(InetAddress destination) throws SocketException {
        boolean here = destination.isLoopbackAddress() || NetworkInterface.getByInetAddress(destination) != null;
        return here ? destination instanceof Inet4Address ? PASS_V4 : PASS_V6 : null;
    }

    /** As above, and null too where the address is not there: ::6 comes with the rules of IPv6. */
    static @Nullable InetSocketAddress boundSource(InetAddress destination) throws IOException {
        InetAddress source = source(destination);
        if (source == null) {
            return null;
        }
        try (Socket trial = new Socket()) {
            trial.bind(new InetSocketAddress(source, 0));
            return new InetSocketAddress(source, 0);
        } catch (BindException e) {
            return null;
        }
    }

    /** Throws IOException that names the address. */
    Socket connect(Deadline deadline) throws IOException {
        InetSocketAddress to = address();
        Socket socket = new Socket();
        try {
            socket.bind(boundSource(to.getAddress()));
            socket.connect(to, deadline.millisLeft());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new IOException("connect to " + text(to) + ": " + e.getMessage(), e);
        }
    }

    static String text(InetSocketAddress address) {
        String ip = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet4Address ? ip : "[" + ip + "]") + ":" + address.getPort();
    }
}
