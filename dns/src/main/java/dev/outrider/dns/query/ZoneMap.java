package dev.outrider.dns.query;

import dev.outrider.dns.table.NameMap;
import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.WireName;
import java.util.ArrayList;
import java.util.List;

/** Finds the zone of a name: the longest declared suffix, else everything else. Immutable; a lookup allocates nothing. */
public final class ZoneMap {

    private final NameMap<Integer> indexes;
    private final List<Zone> zones;

    /** @param zones the last of which is everything else; of two with one name the first holds */
    public ZoneMap(List<Zone> zones) {
        this.zones = List.copyOf(zones);
        indexes = new NameMap<>(zones.size());
        for (int i = 0; i < zones.size() - 1; i++) {
            indexes.putIfAbsent(WireName.of(zones.get(i).name()), i);
        }
    }

    /** Index of the zone; {@link #size} - 1 is everything else. */
    public int indexOf(Query query) {
        for (int i = 0; i < query.labels(); i++) {
            int start = query.labelStart(i);
            Integer index = indexes.get(query.name(), start, query.nameLength() - start, query.suffixHash(i));
            if (index != null) {
                return index;
            }
        }
        return zones.size() - 1;
    }

    int indexOf(byte[] name) {
        int at = 0;
        while (at < name.length) {
            Integer index = indexes.get(name, at, name.length - at);
            if (index != null) {
                return index;
            }
            at += 1 + name[at];
        }
        return zones.size() - 1;
    }

    /** Offset in the message of the zone's own name, which is a suffix of the question's. */
    static int apexOffset(Query query, Zone zone) {
        return Query.HEADER + query.labelStart(query.labels() - labels(zone));
    }

    /** How many labels a name below the zone has more than the zone. */
    static int labelsBelow(byte[] name, Zone zone) {
        int labels = 0;
        for (int at = 0; at < name.length; at += 1 + name[at]) {
            labels++;
        }
        return labels - labels(zone);
    }

    private static int labels(Zone zone) {
        int labels = 1;
        for (int i = 0; i < zone.name().length(); i++) {
            if (zone.name().charAt(i) == '.') {
                labels++;
            }
        }
        return labels;
    }

    public Zone get(int index) {
        return zones.get(index);
    }

    public int size() {
        return zones.size();
    }

    /** Wire names of the zones that are ours. */
    public List<byte[]> ours() {
        List<byte[]> ours = new ArrayList<>();
        for (Zone zone : zones) {
            if (zone.rule() == Zone.Rule.OURS) {
                ours.add(WireName.of(zone.name()));
            }
        }
        return ours;
    }
}
