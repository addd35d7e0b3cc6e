package dev.outrider.dns.table;

import dev.outrider.dns.wire.WireName;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns rows into {@link NameTable}s, off the loop (one thread at a time). A push carries the whole table, so rows are compared with the
 * last ones: where only addresses changed, all but the map of addresses is shared with the table before, because what a push allocates is
 * what the collector stops the loop for; nothing changed means the same table object. Alias
 * rules: istio pkg/dns/client generateAltHosts. Static records win over hosts, hosts over aliases, whatever the order of rows.
 */
public final class NameTableBuilder {

    static final String STATIC = "static";

    /** As many aliases as a row could sensibly have; more are dropped. */
    private static final int MAX_ALT_HOSTS = 64;

    private static final int MAX_ADDRESSES = 1024;

    private final String serviceDomain;
    private final byte[] serviceDomainWire;
    private final String namespace;
    private final List<byte[]> zones;
    private final List<NameEntry> statics;
    private final NavigableMap<String, Row> rows = new TreeMap<>();
    private List<MeshPort> ports = List.of();
    private List<String> search = List.of();
    private Parts parts;
    private NameTable current;
    private boolean ready;
    private int push;

    /**
     * @param clusterDomain for example {@code cluster.local}
     * @param namespace of this machine: its own services answer to their bare first label
     * @param zones wire names of the zones that are ours
     */
    public NameTableBuilder(String clusterDomain, String namespace, List<byte[]> zones, List<StaticRecord> records) {
        this.serviceDomain = "svc." + clusterDomain;
        this.serviceDomainWire = WireName.of(serviceDomain);
        this.namespace = namespace;
        this.zones = List.copyOf(zones);
        this.statics = staticEntries(records);
        this.parts = build(0);
        this.current = new NameTable(parts);
    }

    public NameTable current() {
        return current;
    }

    /** Rows that cannot be served (bad host name) are left out and reported in {@code errors}. */
    public NameTable names(Collection<MeshName> next, List<String> errors) {
        push++;
        Change change = ready ? Change.NONE : Change.NAMES;
        for (MeshName name : next) {
            Row known = rows.get(name.host());
            if (known == null || !known.name.equals(name)) {
                change = change.or(known != null && known.name.sameButAddresses(name) ? readdress(known, name) : put(name, errors));
            } else {
                known.push = push;
            }
        }
        if (rows.values().removeIf(row -> row.push != push)) {
            change = Change.NAMES;
        }
        ready = true;
        return switch (change) {
            case NONE -> current;
            case ADDRESSES -> publish(parts.readdressed(current.serial() + 1, byAddress()));
            case NAMES -> publish(build(current.serial() + 1));
        };
    }

    private Change readdress(Row known, MeshName name) {
        known.name = name;
        known.push = push;
        known.entry.readdress(addresses(name.ips()));
        return Change.ADDRESSES;
    }

    private Change put(MeshName name, List<String> errors) {
        try {
            Row row = row(name);
            row.push = push;
            rows.put(name.host(), row);
            return Change.NAMES;
        } catch (IllegalArgumentException e) {
            errors.add("[" + name.host() + "] " + e.getMessage());
            return Change.NONE;
        }
    }

    public NameTable ports(Collection<MeshPort> next) {
        List<MeshPort> fresh = List.copyOf(next);
        if (fresh.equals(ports)) {
            return current;
        }
        ports = fresh;
        return publish(build(current.serial() + 1));
    }

    public NameTable search(List<String> next) {
        if (next.equals(search)) {
            return current;
        }
        search = List.copyOf(next);
        return publish(build(current.serial() + 1));
    }

    private NameTable publish(Parts next) {
        parts = next;
        current = new NameTable(next);
        return current;
    }

    private Parts build(int serial) {
        Parts next = new Parts(rows.size() * 4 + statics.size());
        next.ready = ready;
        next.serial = serial;
        List<NameEntry> all = new ArrayList<>(statics);
        for (NameEntry entry : statics) {
            add(next, entry.host(), entry);
        }
        for (Row row : rows.values()) {
            add(next, row.entry.host(), row.entry);
            all.add(row.entry);
        }
        for (Row row : rows.values()) {
            for (byte[] alias : row.aliases) {
                next.names.putIfAbsent(alias, row.entry);
            }
        }
        next.byAddress = byAddress();
        for (NameEntry entry : all) {
            addNonTerminals(next, entry.host());
        }
        next.ports = portMap();
        next.search = searchSuffixes();
        next.entries = List.copyOf(all);
        return next;
    }

    private static void add(Parts parts, byte[] name, NameEntry entry) {
        (entry.wildcard() ? parts.wildcards : parts.names).putIfAbsent(name, entry);
    }

    /** Two passes, so that an address that a service and a ServiceEntry share belongs to the service. */
    private NameMap<NameEntry> byAddress() {
        NameMap<NameEntry> map = new NameMap<>(rows.size());
        addresses(map, true);
        addresses(map, false);
        return map;
    }

    private void addresses(NameMap<NameEntry> map, boolean kubernetes) {
        for (Row row : rows.values()) {
            if (row.name.kubernetes() == kubernetes && !row.entry.wildcard()) {
                addresses(map, row.entry, row.entry.v4(), 4);
                addresses(map, row.entry, row.entry.v6(), 16);
            }
        }
    }

    private static void addresses(NameMap<NameEntry> map, NameEntry entry, byte[] all, int size) {
        for (int i = 0; i < all.length; i += size) {
            // Most names have one address: its array serves as the key too.
            address(map, all.length == size ? all : Arrays.copyOfRange(all, i, i + size), entry);
        }
    }

    /** Of a headless service and its endpoints, the name of the endpoint is the better one: it leads back to this address alone. */
    private static void address(NameMap<NameEntry> map, byte[] address, NameEntry entry) {
        NameEntry known = map.get(address, 0, address.length);
        if (known == null) {
            map.putIfAbsent(address, entry);
        } else if (NameTable.endsWith(entry.host(), 0, entry.host().length, known.host())) {
            map.replace(address, entry);
        }
    }

    private void addNonTerminals(Parts parts, byte[] host) {
        for (byte[] zone : zones) {
            if (!NameTable.endsWith(host, 0, host.length, zone)) {
                continue;
            }
            int at = 1 + host[0];
            while (host.length - at > zone.length) {
                int length = host.length - at;
                if (parts.nonTerminals.get(host, at, length) == null) {
                    parts.nonTerminals.putIfAbsent(Arrays.copyOfRange(host, at, host.length), Boolean.TRUE);
                }
                at += 1 + host[at];
            }
        }
    }

    private NameMap<List<MeshPort>> portMap() {
        Map<String, List<MeshPort>> byHost = new HashMap<>();
        for (MeshPort port : ports) {
            byHost.computeIfAbsent(port.host(), h -> new ArrayList<>(2)).add(port);
        }
        NameMap<List<MeshPort>> map = new NameMap<>(byHost.size());
        byHost.forEach((host, list) -> {
            byte[] wire = wireOrNull(host.startsWith("*.") ? host.substring(2) : host);
            if (wire != null) {
                map.putIfAbsent(wire, List.copyOf(list));
            }
        });
        return map;
    }

    private byte[][] searchSuffixes() {
        List<byte[]> suffixes = new ArrayList<>();
        for (String domain : search) {
            byte[] wire = wireOrNull(domain);
            if (wire != null && wire.length > 0) {
                suffixes.add(wire);
            }
        }
        return suffixes.toArray(new byte[0][]);
    }

    private static byte @Nullable [] wireOrNull(String name) {
        try {
            return WireName.of(name);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private Row row(MeshName name) {
        boolean wildcard = name.host().startsWith("*.");
        byte[] host = WireName.of(wildcard ? name.host().substring(2) : name.host());
        if (host.length == 0) {
            throw new IllegalArgumentException("the root cannot be a mesh name");
        }
        NameEntry entry = new NameEntry(host, wildcard, addresses(name.ips()), name.registry());
        return new Row(name, entry, wildcard || !name.kubernetes() ? List.of() : aliases(name, host));
    }

    private List<byte[]> aliases(MeshName name, byte[] host) {
        List<byte[]> aliases = new ArrayList<>(4);
        // Hosts of other domains get no short forms: two clusters could both claim name.namespace.
        if (NameTable.endsWith(host, 0, host.length, serviceDomainWire) && !name.shortName().isEmpty()) {
            String qualified = name.shortName() + "." + name.namespace();
            addAlias(aliases, qualified);
            addAlias(aliases, qualified + ".svc");
            if (name.namespace().equals(namespace)) {
                addAlias(aliases, name.shortName());
            }
        }
        for (int i = 0; i < name.altHosts().size() && i < MAX_ALT_HOSTS; i++) {
            addAlias(aliases, name.altHosts().get(i));
        }
        return List.copyOf(aliases);
    }

    private static void addAlias(List<byte[]> aliases, String alias) {
        byte[] wire = wireOrNull(alias);
        if (wire != null && wire.length > 0) {
            aliases.add(wire);
        }
    }

    private static NameEntry.Records addresses(List<String> ips) {
        byte[][] parsed = new byte[Math.min(ips.size(), MAX_ADDRESSES)][];
        for (int i = 0; i < parsed.length; i++) {
            byte[] address = NetUtil.createByteArrayFromIpAddressString(ips.get(i));
            parsed[i] = address == null ? NameEntry.NONE : address;
        }
        NameEntry.Records records = new NameEntry.Records();
        records.v4 = joined(parsed, 4);
        records.v6 = joined(parsed, 16);
        return records;
    }

    /** Those of {@code size} bytes, one after the other; a single one as it is. */
    private static byte[] joined(byte[][] addresses, int size) {
        int count = 0;
        byte[] all = NameEntry.NONE;
        for (byte[] address : addresses) {
            if (address.length == size) {
                count++;
                all = address;
            }
        }
        if (count < 2) {
            return all;
        }
        all = new byte[count * size];
        int end = 0;
        for (byte[] address : addresses) {
            if (address.length == size) {
                System.arraycopy(address, 0, all, end, size);
                end += size;
            }
        }
        return all;
    }

    private static List<NameEntry> staticEntries(List<StaticRecord> records) {
        Map<String, List<StaticRecord>> byName = new TreeMap<>();
        for (StaticRecord record : records) {
            String name = record.name().toLowerCase(Locale.ROOT);
            byName.computeIfAbsent(name.endsWith(".") ? name.substring(0, name.length() - 1) : name, n -> new ArrayList<>()).add(record);
        }
        List<NameEntry> entries = new ArrayList<>();
        byName.forEach((name, list) -> {
            boolean wildcard = name.startsWith("*.");
            byte[] host = WireName.of(wildcard ? name.substring(2) : name);
            entries.add(new NameEntry(host, wildcard, staticRecords(name, list), STATIC));
        });
        return entries;
    }

    private static NameEntry.Records staticRecords(String name, List<StaticRecord> list) {
        List<String> ips = new ArrayList<>();
        List<byte[]> texts = new ArrayList<>();
        byte[] cname = NameEntry.NONE;
        for (StaticRecord record : list) {
            switch (record.type().toUpperCase(Locale.ROOT)) {
                case "A", "AAAA" -> {
                    boolean v6 = record.type().length() == 4;
                    if (!(v6 ? NetUtil.isValidIpV6Address(record.value()) : NetUtil.isValidIpV4Address(record.value()))) {
                        throw new IllegalArgumentException("static record " + name + ": " + record.value() + " is no address for type " + record.type());
                    }
                    ips.add(record.value());
                }
                case "CNAME" -> cname = WireName.of(record.value());
                case "TXT" -> texts.add(characterString(name, record.value()));
                default -> throw new IllegalArgumentException(
                        "static record " + name + ": type " + record.type() + " is not supported, use A, AAAA, CNAME or TXT");
            }
        }
        if (cname.length > 0 && list.size() > 1) {
            throw new IllegalArgumentException("static record " + name + ": a CNAME must be the only record of its name");
        }
        NameEntry.Records records = addresses(ips);
        records.cname = cname;
        records.texts = List.copyOf(texts);
        return records;
    }

    private static byte[] characterString(String name, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 255) {
            throw new IllegalArgumentException("static record " + name + ": TXT of " + bytes.length + " bytes, at most 255 are allowed");
        }
        byte[] wire = new byte[bytes.length + 1];
        wire[0] = (byte) bytes.length;
        System.arraycopy(bytes, 0, wire, 1, bytes.length);
        return wire;
    }

    /** How much of a table has to be made anew. */
    private enum Change {
        NONE, ADDRESSES, NAMES;

        Change or(Change other) {
            return compareTo(other) < 0 ? other : this;
        }
    }

    private static final class Row {
        final NameEntry entry;
        final List<byte[]> aliases;
        MeshName name;
        /** The last push that had it. */
        int push;

        Row(MeshName name, NameEntry entry, List<byte[]> aliases) {
            this.name = name;
            this.entry = entry;
            this.aliases = aliases;
        }
    }

    /** What a table is made of. */
    static final class Parts {
        boolean ready;
        int serial;
        NameMap<NameEntry> names;
        NameMap<NameEntry> wildcards = new NameMap<>(4);
        NameMap<NameEntry> byAddress = new NameMap<>(0);
        NameMap<Boolean> nonTerminals = new NameMap<>(16);
        NameMap<List<MeshPort>> ports = new NameMap<>(0);
        byte[][] search = new byte[0][];
        Collection<NameEntry> entries = List.of();

        Parts(int expectedNames) {
            names = new NameMap<>(expectedNames);
        }

        /** The same names at other addresses. */
        Parts readdressed(int nextSerial, NameMap<NameEntry> nextByAddress) {
            Parts next = new Parts(0);
            next.ready = ready;
            next.serial = nextSerial;
            next.names = names;
            next.wildcards = wildcards;
            next.byAddress = nextByAddress;
            next.nonTerminals = nonTerminals;
            next.ports = ports;
            next.search = search;
            next.entries = entries;
            return next;
        }
    }
}
