package dev.outrider.dns.query;

import java.net.InetAddress;

/** Who asked, and the way back. Confined to the DNS loop. */
public interface ReplyTarget {

    /** Sends the first {@code length} bytes, which are only borrowed. {@code outcome} is reused after the call. */
    void reply(byte[] bytes, int length, Outcome outcome);

    /** Whether replies may be of any size (TCP) or are bound by the client's buffer (UDP). */
    boolean stream();

    InetAddress peer();

    /** A target that stays valid after the call that brought the question. */
    ReplyTarget detach();

    /** No reply will come. */
    default void dropped() {}
}
