package dev.outrider.dns.query;

import java.net.InetAddress;

/** A question that this process asks itself: from loopback, answered in memory, so that a reply may be of any size. */
public interface InProcessTarget extends ReplyTarget {

    @Override
    default boolean stream() {
        return true;
    }

    @Override
    default InetAddress peer() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    default ReplyTarget detach() {
        return this;
    }
}
