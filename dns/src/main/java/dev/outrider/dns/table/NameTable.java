package dev.outrider.dns.table;

import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.WireName;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One state of all names that are answered from here: which names there are never changes, their addresses may while the next state is
 * made. Order of a lookup: the exact name, the name less a search domain (exact, then wildcard), the longest wildcard; so that exact beats
 * wildcard and a label is never matched in part. Any thread; a lookup allocates nothing.
 */
public final class NameTable {

    private final boolean ready;
    private final int serial;
    private final NameMap<NameEntry> names;
    private final NameMap<NameEntry> wildcards;
    private final NameMap<NameEntry> byAddress;
    private final NameMap<Boolean> nonTerminals;
    private final NameMap<List<MeshPort>> ports;
    private final byte[][] search;
    private final Collection<NameEntry> entries;

    NameTable(NameTableBuilder.Parts parts) {
        ready = parts.ready;
        serial = parts.serial;
        names = parts.names;
        wildcards = parts.wildcards;
        byAddress = parts.byAddress;
        nonTerminals = parts.nonTerminals;
        ports = parts.ports;
        search = parts.search;
        entries = parts.entries;
    }

    /** Whether a table of the mesh was ever applied; before, our zones cannot say that a name does not exist. */
    public boolean ready() {
        return ready;
    }

    /** Rises with each change; the SOA's serial. */
    public int serial() {
        return serial;
    }

    public boolean find(Query query, Match match) {
        NameEntry exact = names.get(query.name(), 0, query.nameLength(), query.suffixHash(0));
        if (exact != null) {
            match.set(Match.Kind.EXACT, exact, 0);
            return true;
        }
        return findExpanded(query.name(), 0, query.nameLength(), match);
    }

    /** The entry behind a service name's last part: what {@code _9080._tcp.reviews} is a port of. */
    public boolean findFrom(Query query, int label, Match match) {
        int offset = label == query.labels() ? query.nameLength() : query.labelStart(label);
        int length = query.nameLength() - offset;
        NameEntry exact = names.get(query.name(), offset, length, query.suffixHash(label));
        if (exact != null) {
            match.set(Match.Kind.EXACT, exact, 0);
            return true;
        }
        return findExpanded(query.name(), offset, length, match);
    }

    /** Exact name or wildcard, no search domains: for the targets of CNAMEs. The name must be lower case. */
    public @Nullable NameEntry findTarget(byte[] name, int offset, int length) {
        NameEntry exact = names.get(name, offset, length);
        return exact != null ? exact : wildcard(name, offset, length);
    }

    private boolean findExpanded(byte[] name, int offset, int length, Match match) {
        for (byte[] suffix : search) {
            int head = length - suffix.length;
            if (head > 0 && endsWith(name, offset, length, suffix) && !endsWith(name, offset, head, suffix)) {
                NameEntry entry = findTarget(name, offset, head);
                if (entry != null) {
                    match.set(Match.Kind.SEARCH, entry, head);
                    return true;
                }
            }
        }
        NameEntry entry = wildcard(name, offset, length);
        match.set(entry == null ? Match.Kind.NONE : Match.Kind.WILDCARD, entry, 0);
        return entry != null;
    }

    private @Nullable NameEntry wildcard(byte[] name, int offset, int length) {
        if (wildcards.size() == 0) {
            return null;
        }
        int end = offset + length;
        int at = offset + 1 + name[offset];
        while (at < end) {
            NameEntry entry = wildcards.get(name, at, end - at);
            if (entry != null) {
                return entry;
            }
            at += 1 + name[at];
        }
        return null;
    }

    /** Label-aware: {@code xlocal} does not end in {@code local}. */
    static boolean endsWith(byte[] name, int offset, int length, byte[] suffix) {
        if (suffix.length == 0 || suffix.length > length) {
            return false;
        }
        int end = offset + length;
        int at = offset;
        while (end - at > suffix.length) {
            at += 1 + name[at];
        }
        return end - at == suffix.length && WireName.equal(suffix, name, at, suffix.length);
    }

    /** The host that an address of 4 or 16 bytes belongs to. */
    public @Nullable NameEntry byAddress(byte[] address, int length) {
        return byAddress.get(address, 0, length);
    }

    /** Whether names exist below this one, which has no records itself (RFC 8020: it exists). */
    public boolean nonTerminal(Query query) {
        return nonTerminals.get(query.name(), 0, query.nameLength(), query.suffixHash(0)) != null;
    }

    public List<MeshPort> ports(NameEntry entry) {
        List<MeshPort> known = ports.get(entry.host(), 0, entry.host().length);
        return known == null ? List.of() : known;
    }

    /** Hosts with their addresses, for the dump. */
    public Collection<NameEntry> entries() {
        return entries;
    }

    /** Names that a client may ask, aliases included. */
    public int nameCount() {
        return names.size() + wildcards.size();
    }
}
