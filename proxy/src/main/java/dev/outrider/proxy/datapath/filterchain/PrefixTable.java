package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The value of the longest address range that holds an address: one hash look-up per distinct prefix length, longest first. IPv4-mapped
 * IPv6 addresses are IPv4 addresses. Immutable.
 */
final class PrefixTable<V> {

    private record Prefix(int length, long high, long low) {}

    private static final int V4_BITS = 32;

    private final Map<Prefix, V> v4 = new HashMap<>();
    private final Map<Prefix, V> v6 = new HashMap<>();
    private final int[] v4Lengths;
    private final int[] v6Lengths;
    private final @Nullable V any;

    /** {@code any}: for addresses in no range. */
    PrefixTable(Map<Cidr, V> ranges, @Nullable V any) {
        ranges.forEach((range, value) -> {
            byte[] base = Addresses.unmapped(range.base()).getAddress();
            (base.length == 4 ? v4 : v6).put(prefix(base, range.length()), value);
        });
        v4Lengths = lengths(v4);
        v6Lengths = lengths(v6);
        this.any = any;
    }

    private static <V> int[] lengths(Map<Prefix, V> map) {
        int[] ascending = map.keySet().stream().mapToInt(Prefix::length).distinct().sorted().toArray();
        int[] descending = new int[ascending.length];
        for (int i = 0; i < ascending.length; i++) {
            descending[i] = ascending[ascending.length - 1 - i];
        }
        return descending;
    }

    private static Prefix prefix(byte[] address, int length) {
        long high = bits(address, 0, Math.min(8, address.length));
        if (address.length == 4) {
            high <<= V4_BITS;
        }
        long low = address.length == 16 ? bits(address, 8, 16) : 0;
        return new Prefix(length, mask(high, Math.min(length, 64)), mask(low, Math.max(0, length - 64)));
    }

    private static long bits(byte[] address, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            value = value << 8 | address[i] & 0xff;
        }
        return value;
    }

    private static long mask(long value, int length) {
        return length == 0 ? 0 : value & -1L << (64 - length);
    }

    @Nullable V find(InetAddress address) {
        byte[] bytes = Addresses.unmapped(address).getAddress();
        Map<Prefix, V> map = bytes.length == 4 ? v4 : v6;
        for (int length : bytes.length == 4 ? v4Lengths : v6Lengths) {
            V value = map.get(prefix(bytes, length));
            if (value != null) {
                return value;
            }
        }
        return any;
    }

    @Override
    public String toString() {
        return "PrefixTable" + Arrays.toString(v4Lengths) + Arrays.toString(v6Lengths);
    }
}
