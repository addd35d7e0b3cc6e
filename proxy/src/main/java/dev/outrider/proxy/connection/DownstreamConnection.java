package dev.outrider.proxy.connection;

import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.xds.model.Listener;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection, filled in as it passes the stages. Confined to its event loop.
 *
 * <p>{@link #destination()} is the restored original destination where there was one, else the socket's local address.
 */
public final class DownstreamConnection {

    private final long id;
    private final Channel channel;
    private final InetSocketAddress directRemote;
    private final InetSocketAddress socketLocal;
    private final long startNanos = System.nanoTime();
    private final long startMillis = System.currentTimeMillis();
    private InetSocketAddress destination;
    private boolean destinationRestored;
    private Listener listener;
    private String filterChainName = "";
    private String transportProtocol = "";
    private String sni = "";
    private List<String> offeredAlpn = List.of();
    private @Nullable TlsPeer tls;
    private String transportFailure = "";
    private String terminationDetails = "";
    private long flags;
    private long wireRead;
    private long wireWritten;

    public DownstreamConnection(
            long id, Channel channel, InetSocketAddress directRemote, InetSocketAddress socketLocal, Listener listener) {
        this.id = id;
        this.channel = channel;
        this.directRemote = directRemote;
        this.socketLocal = socketLocal;
        this.destination = socketLocal;
        this.listener = listener;
    }

    public long id() {
        return id;
    }

    public Channel channel() {
        return channel;
    }

    public InetSocketAddress directRemote() {
        return directRemote;
    }

    public InetSocketAddress socketLocal() {
        return socketLocal;
    }

    public InetSocketAddress destination() {
        return destination;
    }

    public boolean destinationRestored() {
        return destinationRestored;
    }

    public void restoreDestination(InetSocketAddress original) {
        destination = original;
        destinationRestored = true;
    }

    /** The listener that serves it: after a hand-over, the one that received it. */
    public Listener listener() {
        return listener;
    }

    public void handOver(Listener to) {
        listener = to;
    }

    public String filterChainName() {
        return filterChainName;
    }

    public void filterChainName(String name) {
        filterChainName = name;
    }

    /** "tls", "raw_buffer" or "" when no inspector looked. */
    public String transportProtocol() {
        return transportProtocol;
    }

    public void transportProtocol(String value) {
        transportProtocol = value;
    }

    /** Lower case, "" = none. */
    public String sni() {
        return sni;
    }

    public void sni(String value) {
        sni = value;
    }

    /** What the ClientHello offered, or what the HTTP inspector found ("http/1.1", "h2c"). */
    public List<String> offeredAlpn() {
        return offeredAlpn;
    }

    public void offeredAlpn(List<String> value) {
        offeredAlpn = value;
    }

    public @Nullable TlsPeer tls() {
        return tls;
    }

    public void tls(TlsPeer peer) {
        tls = peer;
    }

    public String transportFailure() {
        return transportFailure;
    }

    public void transportFailure(String text) {
        transportFailure = text;
    }

    public String terminationDetails() {
        return terminationDetails;
    }

    public void terminationDetails(String text) {
        terminationDetails = text;
    }

    public void flag(ResponseFlag flag) {
        flags |= flag.bit();
    }

    public long flags() {
        return flags;
    }

    public long startNanos() {
        return startNanos;
    }

    public long startMillis() {
        return startMillis;
    }

    public long wireRead() {
        return wireRead;
    }

    public long wireWritten() {
        return wireWritten;
    }

    public void addWire(long read, long written) {
        wireRead += read;
        wireWritten += written;
    }
}
