package dev.outrider.xds;

import dev.outrider.xds.ConfigArchive.Entry;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.resource.ParsedResource;
import dev.outrider.xds.resource.ResourceParser;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/** All resources of one type. Control thread. */
final class Table<T> {

    final ResourceType type;
    final BiFunction<ResourceParser, Any, ParsedResource<T>> parse;
    final Map<String, Held<T>> held = new HashMap<>();

    /** Those that have something to follow. */
    final Set<String> pending = new LinkedHashSet<>();

    HashPMap<String, T> live = HashTreePMap.empty();
    final Set<String> changed = new LinkedHashSet<>();
    final Set<String> removed = new LinkedHashSet<>();
    boolean answered;
    String version = "";
    long attempts;
    long successes;
    long rejections;
    long failures;

    /** Resources that had to be read, all others were known byte for byte. */
    long reads;

    Table(ResourceType type, BiFunction<ResourceParser, Any, ParsedResource<T>> parse) {
        this.type = type;
        this.parse = parse;
    }

    Held<T> at(String name) {
        return held.computeIfAbsent(name, Held::new);
    }

    @Nullable T newest(String name) {
        Held<T> found = held.get(name);
        return found == null ? null : found.newest();
    }

    /** What was to follow serves from now on. */
    void promote(Held<T> one) {
        T next = one.next;
        pending.remove(one.name);
        if (next == null) {
            return;
        }
        one.active = next;
        one.activeSent = one.nextSent;
        one.next = null;
        one.nextSent = null;
        live = live.plus(one.name, next);
        changed.add(one.name);
        removed.remove(one.name);
    }

    void remove(String name) {
        held.remove(name);
        pending.remove(name);
        hide(name);
    }

    /** What served serves no more; what was refused of it stays known. */
    void withdraw(Held<T> one) {
        one.active = null;
        one.activeSent = null;
        one.next = null;
        one.nextSent = null;
        pending.remove(one.name);
        hide(one.name);
    }

    private void hide(String name) {
        if (live.containsKey(name)) {
            live = live.minus(name);
            changed.remove(name);
            removed.add(name);
        }
    }

    MeshChange.Names takeChange() {
        if (changed.isEmpty() && removed.isEmpty()) {
            return MeshChange.Names.NONE;
        }
        MeshChange.Names names = new MeshChange.Names(Set.copyOf(changed), Set.copyOf(removed));
        changed.clear();
        removed.clear();
        return names;
    }

    ConfigArchive.TypeState archive() {
        return new ConfigArchive.TypeState(version, held.values().stream()
                .sorted(Comparator.comparing(one -> one.name))
                .map(one -> new Entry(one.name, one.fixed, one.activeSent, one.nextSent, one.rejected))
                .toList());
    }

    XdsStatus.Counters counters() {
        return new XdsStatus.Counters(attempts, successes, rejections, failures, version);
    }
}
