package dev.outrider.xds;

import dev.outrider.xds.model.source.ResourceRef;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who needs what from elsewhere, and hence what has to be asked for. Control thread. */
final class Wants {

    /** References of one type, and their names alone. */
    static final class Wanted {

        private final Counted<ResourceRef> references = new Counted<>();
        private final Counted<String> names = new Counted<>();

        private void replace(Set<ResourceRef> before, Set<ResourceRef> after) {
            if (!before.equals(after)) {
                references.replace(before, after);
                names.replace(namesOf(before), namesOf(after));
            }
        }

        private static Set<String> namesOf(Set<ResourceRef> references) {
            Set<String> names = new HashSet<>();
            references.forEach(reference -> names.add(reference.name()));
            return names;
        }

        boolean contains(String name) {
            return names.contains(name);
        }

        Set<String> names() {
            return names.all();
        }

        Set<ResourceRef> all() {
            return references.all();
        }

        boolean takeDirty() {
            return references.takeDirty();
        }
    }

    private final Map<String, References> holders = new HashMap<>();
    final Wanted endpoints = new Wanted();
    final Wanted routes = new Wanted();
    final Wanted secrets = new Wanted();
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
}
