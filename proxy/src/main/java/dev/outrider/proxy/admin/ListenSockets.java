package dev.outrider.proxy.admin;

import io.netty.channel.ServerChannel;
import java.net.SocketAddress;

/** Gives the socket for an address: one to be bound, or one that listens there already and only has to be registered. */
public interface ListenSockets {

    ServerChannel at(SocketAddress address);
}
