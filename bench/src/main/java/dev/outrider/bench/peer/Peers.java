package dev.outrider.bench.peer;

import java.nio.file.Path;
import java.util.List;

/** Everybody, Outrider first. */
public final class Peers {

    private Peers() {}

    /** {@code home}: the folder with {@code bin/outrider}. */
    public static List<Peer> all(Path home) {
        return List.of(new OutriderPeer(home), new EnvoyPeer(), new HaproxyPeer());
    }
}
