package dev.outrider.dns.table;

import dev.outrider.dns.wire.WireName;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns rows into {@link NameTable}s, off the loop (one thread at a time). A push carries the whole table, so rows are compared with the
 * last ones: unchanged entries are shared with the table before, and nothing changed means the same table object. Alias
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
    private Map<String, Row> rows = Map.of();
    private List<MeshPort> ports = List.of();
    private List<String> search = List.of();
    private NameTable current;
    private boolean ready;

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
        this.current = build(0);
    }

    public NameTable current() {
        return current;
    }

    /** Rows that cannot be served (bad host name) are left out and reported in {@code errors}. */
    public NameTable names(Collection<MeshName> next, List<String> errors) {
        Map<String, Row> fresh = new TreeMap<>();
        boolean changed = !ready || next.size() != rows.size();
        for (MeshName name : next) {
            Row known = rows.get(name.host());
            if (known != null && known.name.equals(name)) {
                fresh.put(name.host(), known);
                continue;
            }
            changed = true;
            try {
                fresh.put(name.host(), row(name));
            } catch (IllegalArgumentException e) {
                errors.add("[" + name.host() + "] " + e.getMessage());
            }
        }
        if (!changed && fresh.size() == rows.size()) {
            return current;
        }
        rows = fresh;
        ready = true;
        current = build(current.serial() + 1);
        return current;
    }

    public NameTable ports(Collection<MeshPort> next) {
        List<MeshPort> fresh = List.copyOf(next);
        if (!fresh.equals(ports)) {
            ports = fresh;
            current = build(current.serial() + 1);
        }
        return current;
    }

    public NameTable search(List<String> next) {
        if (!next.equals(search)) {
            search = List.copyOf(next);
            current = build(current.serial() + 1);
        }
        return current;
    }

    private NameTable build(int serial) {
        Parts parts = new Parts(rows.size() * 4 + statics.size());
        parts.ready = ready;
        parts.serial = serial;
        List<NameEntry> all = new ArrayList<>(statics);
        for (NameEntry entry : statics) {
            add(parts, entry.host(), entry);
        }
        for (Row row : rows.values()) {
            add(parts, row.entry.host(), row.entry);
            all.add(row.entry);
        }
        for (Row row : rows.values()) {
            for (byte[] alias : row.aliases) {
                parts.names.putIfAbsent(alias, row.entry);
            }
        }
        addresses(parts, true);
        addresses(parts, false);
        for (NameEntry entry : all) {
            addNonTerminals(parts, entry.host());
        }
        parts.ports = portMap();
        parts.search = searchSuffixes();
        parts.entries = List.copyOf(all);
        return new NameTable(parts);
    }

    private static void add(Parts parts, byte[] name, NameEntry entry) {
        (entry.wildcard() ? parts.wildcards : parts.names).putIfAbsent(name, entry);
    }

    /** Two passes, so that an address that a service and a ServiceEntry share belongs to the service. */
    private void addresses(Parts parts, boolean kubernetes) {
        for (Row row : rows.values()) {
            NameEntry entry = row.entry;
            if (row.name.kubernetes() != kubernetes || entry.wildcard()) {
                continue;
            }
            for (int i = 0; i < entry.v4().length; i += 4) {
                address(parts, Arrays.copyOfRange(entry.v4(), i, i + 4), entry);
            }
            for (int i = 0; i < entry.v6().length; i += 16) {
                address(parts, Arrays.copyOfRange(entry.v6(), i, i + 16), entry);
            }
        }
    }

    /** Of a headless service and its endpoints, the name of the endpoint is the better one: it leads back to this address alone. */
    private static void address(Parts parts, byte[] address, NameEntry entry) {
        NameEntry known = parts.byAddress.get(address, 0, address.length);
        if (known == null) {
            parts.byAddress.putIfAbsent(address, entry);
        } else if (NameTable.endsWith(entry.host(), 0, entry.host().length, known.host())) {
            parts.byAddress.replace(address, entry);
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
        NameEntry.Records records = new NameEntry.Records();
        ByteArrayOutputStream v4 = new ByteArrayOutputStream(4);
        ByteArrayOutputStream v6 = new ByteArrayOutputStream(0);
        for (int i = 0; i < ips.size() && i < MAX_ADDRESSES; i++) {
            byte[] address = NetUtil.createByteArrayFromIpAddressString(ips.get(i));
            if (address != null) {
                (address.length == 4 ? v4 : v6).write(address, 0, address.length);
            }
        }
        records.v4 = v4.size() == 0 ? NameEntry.NONE : v4.toByteArray();
        records.v6 = v6.size() == 0 ? NameEntry.NONE : v6.toByteArray();
        return records;
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

    private record Row(MeshName name, NameEntry entry, List<byte[]> aliases) {}

    /** What a table is made of. */
    static final class Parts {
        boolean ready;
        int serial;
        final NameMap<NameEntry> names;
        final NameMap<NameEntry> wildcards = new NameMap<>(4);
        final NameMap<NameEntry> byAddress;
        final NameMap<Boolean> nonTerminals = new NameMap<>(16);
        NameMap<List<MeshPort>> ports = new NameMap<>(0);
        byte[][] search = new byte[0][];
        Collection<NameEntry> entries = List.of();

        Parts(int expectedNames) {
            names = new NameMap<>(expectedNames);
            byAddress = new NameMap<>(expectedNames / 4);
        }
    }
}
