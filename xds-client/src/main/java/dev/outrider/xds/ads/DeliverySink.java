package dev.outrider.xds.ads;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes what streams and files deliver. Control thread. */
public interface DeliverySink {

    /** What became of a delivery: {@code [type, name] reason} for each refused one, and the versions of the accepted ones by name. */
    record Outcome(List<String> rejections, Map<String, String> accepted, Set<String> gone) {}

    Outcome deliver(Delivery delivery);

    /** A new stream is about to say anew what there is of this type: what is held is doubtful until a delivery names it. */
    void resuming(ResourceType type);

    /** It has had the time to: what is still doubtful is gone. */
    void resumed(ResourceType type);

    /** A request for this type went out. */
    void attempted(ResourceType type);

    /** The connection or the stream broke before an answer, or the file could not be read. */
    void failed(ResourceType type, String reason);

    void connected(boolean connected);
}
