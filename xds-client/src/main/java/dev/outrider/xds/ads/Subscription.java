package dev.outrider.xds.ads;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What is wanted of one type, and what this stream was told so far. Survives streams, its stream part does not. Control thread. */
final class Subscription {

    final ResourceType type;
    final Set<String> wanted = new LinkedHashSet<>();

    /** Accepted resources by name, with their versions: sent on reconnecting, so that what is unchanged need not come again. */
    final Map<String, String> held = new HashMap<>();

    /** Names of {@link #wanted} that the stream knows of. */
    final Set<String> told = new LinkedHashSet<>();

    boolean active;
    boolean requested;
    boolean answered;

    /** No response on this stream yet. */
    boolean fresh = true;
    String version = "";
    String nonce = "";

    /** The version that was refused last on this stream, and how often in a row. */
    String refusedVersion = "";
    int refusals;

    Subscription(ResourceType type) {
        this.type = type;
    }

    void newStream() {
        told.clear();
        requested = false;
        fresh = true;
        nonce = "";
        refusedVersion = "";
        refusals = 0;
    }

    boolean dueFirst() {
        // An EDS request without names is never answered by istiod: there is nothing to ask before there are names.
        return active && !requested && (type.wildcard() || !wanted.isEmpty());
    }

    boolean namesChanged() {
        return requested && !type.wildcard() && !told.equals(wanted);
    }
}
