package dev.outrider.dns.table;

import dev.outrider.dns.wire.WireName;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Open-addressing hash over wire names that is searched with slices of a packet's scratch: a lookup allocates nothing and touches
 * two or three cache lines. Filled once, then only read (any thread).
 */
public final class NameMap<V> {

    private byte[][] keys;
    private @Nullable Object[] values;
    private int[] hashes;
    private int mask;
    private int size;

    public NameMap(int expected) {
        // At most two thirds full, as when it grows.
        int capacity = Integer.highestOneBit(Math.max(4, expected + expected / 2)) * 2;
        keys = new byte[capacity][];
        values = new Object[capacity];
        hashes = new int[capacity];
        mask = capacity - 1;
    }

    /** Adds unless the name is there already; returns whether it was added. Only while the map is built. */
    public boolean putIfAbsent(byte[] name, V value) {
        int hash = WireName.hash(name, 0, name.length);
        if (find(name, 0, name.length, hash) >= 0) {
            return false;
        }
        if (size * 3 >= keys.length * 2) {
            grow();
        }
        insert(name, value, hash);
        size++;
        return true;
    }

    /** Gives a name that is there another value. Only while the map is built. */
    void replace(byte[] name, V value) {
        values[find(name, 0, name.length, WireName.hash(name, 0, name.length))] = value;
    }

    @SuppressWarnings("unchecked")
    public @Nullable V get(byte[] name, int offset, int length, int hash) {
        int slot = find(name, offset, length, hash);
        return slot < 0 ? null : (V) values[slot];
    }

    public @Nullable V get(byte[] name, int offset, int length) {
        return get(name, offset, length, WireName.hash(name, offset, length));
    }

    public int size() {
        return size;
    }

    private int find(byte[] name, int offset, int length, int hash) {
        int slot = slot(hash);
        while (values[slot] != null) {
            if (hashes[slot] == hash && WireName.equal(keys[slot], name, offset, length)) {
                return slot;
            }
            slot = slot + 1 & mask;
        }
        return -1;
    }

    private int slot(int hash) {
        return (hash ^ hash >>> 16) & mask;
    }

    private void insert(byte[] name, Object value, int hash) {
        int slot = slot(hash);
        while (values[slot] != null) {
            slot = slot + 1 & mask;
        }
        keys[slot] = name;
        values[slot] = value;
        hashes[slot] = hash;
    }

    private void grow() {
        byte[][] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        int[] oldHashes = hashes;
        int capacity = oldKeys.length * 2;
        keys = new byte[capacity][];
        values = new Object[capacity];
        hashes = Arrays.copyOf(oldHashes, capacity);
        mask = capacity - 1;
        for (int i = 0; i < oldKeys.length; i++) {
            Object value = oldValues[i];
            if (value != null) {
                insert(oldKeys[i], value, oldHashes[i]);
            }
        }
    }
}
