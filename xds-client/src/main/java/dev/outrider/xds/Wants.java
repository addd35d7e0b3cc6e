package dev.outrider.xds;

import dev.outrider.xds.model.TransportSocket.SecretRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who needs what from elsewhere, and hence what has to be asked for. Control thread. */
final class Wants {

    private final Map<String, References> holders = new HashMap<>();
    final Counted<String> endpoints = new Counted<>();
    final Counted<String> routes = new Counted<>();
    final Counted<SecretRef> secrets = new Counted<>();
    final Counted<String> files = new Counted<>();

    /** {@code holder} needs all this from now on, and nothing else. */
    void replace(String holder, References all) {
        References before = of(holder);
        endpoints.replace(before.endpoints(), all.endpoints());
        routes.replace(before.routes(), all.routes());
        secrets.replace(before.secrets(), all.secrets());
        files.replace(before.files(), all.files());
        if (all.equals(References.NONE)) {
            holders.remove(holder);
        } else {
            holders.put(holder, all);
        }
    }

    References of(String holder) {
        return holders.getOrDefault(holder, References.NONE);
    }

    Map<String, References> all() {
        return holders;
    }

    /** Those who read one of these files. */
    List<String> readersOf(Set<String> paths) {
        return holders.entrySet().stream()
                .filter(e -> e.getValue().files().stream().anyMatch(paths::contains))
                .map(Map.Entry::getKey)
                .toList();
    }

    boolean secret(String name) {
        return secrets.all().stream().anyMatch(ref -> ref.name().equals(name));
    }
}
