package dev.outrider.xds;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Names with the number of those who need them; says when the set of names has changed. */
final class Counted<E> {

    private final Map<E, Integer> counts = new HashMap<>();
    private boolean dirty;

    void replace(Set<E> before, Set<E> after) {
        for (E one : after) {
            if (!before.contains(one) && counts.merge(one, 1, Integer::sum) == 1) {
                dirty = true;
            }
        }
        for (E one : before) {
            if (!after.contains(one)) {
                counts.compute(one, (key, count) -> count == null || count <= 1 ? null : count - 1);
                dirty |= !counts.containsKey(one);
            }
        }
    }

    boolean contains(E one) {
        return counts.containsKey(one);
    }

    Set<E> all() {
        return counts.keySet();
    }

    boolean takeDirty() {
        boolean was = dirty;
        dirty = false;
        return was;
    }
}
