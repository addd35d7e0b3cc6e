package dev.outrider.xds;

import java.util.Set;

/** What a snapshot has that the one before had not. */
public record MeshChange(
        Names listeners, Names routes, Names clusters, Names endpoints, Names secrets, boolean nameTable) {

    /** New and different ones, and those that are gone. */
    public record Names(Set<String> changed, Set<String> removed) {

        public static final Names NONE = new Names(Set.of(), Set.of());

        public boolean isEmpty() {
            return changed.isEmpty() && removed.isEmpty();
        }
    }

    public boolean isEmpty() {
        return listeners.isEmpty() && routes.isEmpty() && clusters.isEmpty() && endpoints.isEmpty() && secrets.isEmpty() && !nameTable;
    }
}
