package dev.outrider.proxy.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Fields of one message in arrival order, held as canonical HTTP/1 lines ({@code name: value CRLF}, names lower case) in one array, with
 * a small index. Removal only marks; unedited runs are written in one copy. Values are bytes; strings are made on request, as ISO 8859-1.
 *
 * <p>Reused from message to message by {@link #clear()}, or with the room of others of the loop after {@link #release()}. Not thread safe: confined to the stream's event loop. Validation is the
 * codecs' work; {@code add} of a value from configuration must hold no CR, LF or NUL (it throws).
 */
public final class Headers {

    private static final int STRIDE = 4;
    private static final int LINE = 0;
    private static final int NAME_LENGTH = 1;
    private static final int VALUE_LENGTH = 2;
    private static final int HASH = 3;
    private static final int REMOVED = -1;

    private static final byte[] NO_LINES = {};
    private static final int[] NO_INDEX = {};

    private byte[] lines = NO_LINES;
    private int length;
    private int[] index = NO_INDEX;
    private int count;
    private int live;

    public void clear() {
        length = 0;
        count = 0;
        live = 0;
    }

    /** Clears, and leaves its room to the next message of this loop: what waits for a message keeps none. */
    public void release() {
        clear();
        if (lines != NO_LINES) {
            LoopRoom room = LoopRoom.mine();
            room.give(lines);
            room.give(index);
            lines = NO_LINES;
            index = NO_INDEX;
        }
    }

    /** Number of slots, removed ones included; slot numbers of the methods below are in [0, slots()). */
    public int slots() {
        return count;
    }

    /** Number of fields. */
    public int size() {
        return live;
    }

    /** Bytes that {@link #writeTo} would write at most. */
    public int byteLength() {
        return length;
    }

    public boolean isLive(int slot) {
        return index[slot * STRIDE + NAME_LENGTH] != REMOVED;
    }

    // ---- building (codecs)

    /** Appends a field whose name bytes are lower case already. Offsets into {@code source}. */
    public void add(byte[] source, int nameFrom, int nameLength, int valueFrom, int valueLength) {
        int line = begin(nameLength, valueLength);
        System.arraycopy(source, nameFrom, lines, line, nameLength);
        System.arraycopy(source, valueFrom, lines, line + nameLength + 2, valueLength);
        end(line, nameLength, valueLength, HeaderName.hash(lines, line, line + nameLength));
    }

    /** As above from a buffer, whose indices are not moved; {@code hash} as of {@link HeaderName#hash}. Lower-cases the name. */
    public void add(ByteBuf source, int nameFrom, int nameLength, int valueFrom, int valueLength) {
        int line = begin(nameLength, valueLength);
        source.getBytes(nameFrom, lines, line, nameLength);
        int h = 0;
        for (int i = line; i < line + nameLength; i++) {
            byte b = lines[i];
            if (b >= 'A' && b <= 'Z') {
                b = (byte) (b + 32);
                lines[i] = b;
            }
            h = 31 * h + b;
        }
        source.getBytes(valueFrom, lines, line + nameLength + 2, valueLength);
        end(line, nameLength, valueLength, h);
    }

    public void add(HeaderName name, CharSequence value) {
        byte[] n = name.bytes();
        int line = begin(n.length, value.length());
        System.arraycopy(n, 0, lines, line, n.length);
        int at = line + n.length + 2;
        for (int i = 0; i < value.length(); i++) {
            lines[at + i] = checked(value.charAt(i));
        }
        end(line, n.length, value.length(), name.nameHash());
    }

    public void add(HeaderName name, byte[] value) {
        byte[] n = name.bytes();
        int line = begin(n.length, value.length);
        System.arraycopy(n, 0, lines, line, n.length);
        System.arraycopy(value, 0, lines, line + n.length + 2, value.length);
        end(line, n.length, value.length, name.nameHash());
    }

    /** Adds a field whose value the caller writes into {@link #array()} at once: where it begins. */
    public int addRoom(HeaderName name, int valueLength) {
        byte[] n = name.bytes();
        int line = begin(n.length, valueLength);
        System.arraycopy(n, 0, lines, line, n.length);
        end(line, n.length, valueLength, name.nameHash());
        return line + n.length + 2;
    }

    /** Removes every field of the name, then adds. */
    public void set(HeaderName name, CharSequence value) {
        remove(name);
        add(name, value);
    }

    /** As above, with a number that is not negative. */
    public void set(HeaderName name, long value) {
        remove(name);
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        int from = addRoom(name, digits);
        long rest = value;
        for (int at = from + digits - 1; at >= from; at--) {
            lines[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    public void add(String name, CharSequence value) {
        add(HeaderName.of(name), value);
    }

    private static byte checked(char c) {
        if (c == '\r' || c == '\n' || c == 0 || c > 255) {
            throw new IllegalArgumentException("a header value may not hold the character U+" + Integer.toHexString(c));
        }
        return (byte) c;
    }

    private int begin(int nameLength, int valueLength) {
        int need = length + nameLength + valueLength + 4;
        if (need > lines.length || (count + 1) * STRIDE > index.length) {
            grow(need, (count + 1) * STRIDE);
        }
        return length;
    }

    private void grow(int bytes, int slots) {
        if (lines == NO_LINES) {
            LoopRoom room = LoopRoom.mine();
            lines = room.lines();
            index = room.index();
        }
        if (bytes > lines.length) {
            lines = Arrays.copyOf(lines, Math.max(bytes, lines.length * 2));
        }
        if (slots > index.length) {
            index = Arrays.copyOf(index, Math.max(slots, index.length * 2));
        }
    }

    private void end(int line, int nameLength, int valueLength, int hash) {
        int colon = line + nameLength;
        lines[colon] = ':';
        lines[colon + 1] = ' ';
        int tail = colon + 2 + valueLength;
        lines[tail] = '\r';
        lines[tail + 1] = '\n';
        length = tail + 2;
        int at = count++ * STRIDE;
        index[at + LINE] = line;
        index[at + NAME_LENGTH] = nameLength;
        index[at + VALUE_LENGTH] = valueLength;
        index[at + HASH] = hash;
        live++;
    }

    // ---- looking

    /** Slot of the first field of the name at or after {@code from}, or -1. */
    public int find(HeaderName name, int from) {
        int hash = name.nameHash();
        for (int slot = from; slot < count; slot++) {
            int at = slot * STRIDE;
            if (index[at + HASH] == hash && index[at + NAME_LENGTH] == name.length() && nameEquals(slot, name.bytes())) {
                return slot;
            }
        }
        return -1;
    }

    public boolean contains(HeaderName name) {
        return find(name, 0) >= 0;
    }

    public int count(HeaderName name) {
        int n = 0;
        for (int slot = find(name, 0); slot >= 0; slot = find(name, slot + 1)) {
            n++;
        }
        return n;
    }

    /** Value of the first field of the name, or null. */
    public @Nullable String get(HeaderName name) {
        int slot = find(name, 0);
        return slot < 0 ? null : value(slot);
    }

    public @Nullable String get(String name) {
        return get(HeaderName.of(name));
    }

    /** Whether the first field of the name has this value, byte for byte. */
    public boolean is(HeaderName name, String value) {
        int slot = find(name, 0);
        if (slot < 0 || valueLength(slot) != value.length()) {
            return false;
        }
        int from = valueStart(slot);
        for (int i = 0; i < value.length(); i++) {
            if ((lines[from + i] & 0xff) != value.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Values of all fields of the name joined with a comma (as Envoy joins them for matching), or null. */
    public @Nullable String joined(HeaderName name) {
        int slot = find(name, 0);
        if (slot < 0) {
            return null;
        }
        int next = find(name, slot + 1);
        if (next < 0) {
            return value(slot);
        }
        StringBuilder all = new StringBuilder(value(slot));
        for (; next >= 0; next = find(name, next + 1)) {
            all.append(',').append(value(next));
        }
        return all.toString();
    }

    public String name(int slot) {
        int at = slot * STRIDE;
        return new String(lines, index[at + LINE], index[at + NAME_LENGTH], StandardCharsets.ISO_8859_1);
    }

    public String value(int slot) {
        return new String(lines, valueStart(slot), valueLength(slot), StandardCharsets.ISO_8859_1);
    }

    /** Where the value's bytes are in {@link #array()}. */
    public int valueStart(int slot) {
        int at = slot * STRIDE;
        return index[at + LINE] + index[at + NAME_LENGTH] + 2;
    }

    public int valueLength(int slot) {
        return index[slot * STRIDE + VALUE_LENGTH];
    }

    public int nameStart(int slot) {
        return index[slot * STRIDE + LINE];
    }

    public int nameLength(int slot) {
        return index[slot * STRIDE + NAME_LENGTH];
    }

    /** The backing bytes; valid until the next change. For reading only. */
    public byte[] array() {
        return lines;
    }

    private boolean nameEquals(int slot, byte[] name) {
        int line = index[slot * STRIDE + LINE];
        return Arrays.equals(lines, line, line + name.length, name, 0, name.length);
    }

    // ---- changing

    public void removeSlot(int slot) {
        int at = slot * STRIDE;
        if (index[at + NAME_LENGTH] != REMOVED) {
            index[at + NAME_LENGTH] = REMOVED;
            index[at + HASH] = 0;
            live--;
        }
    }

    /** Removes every field of the name; whether there was one. */
    public boolean remove(HeaderName name) {
        boolean any = false;
        for (int slot = find(name, 0); slot >= 0; slot = find(name, slot + 1)) {
            removeSlot(slot);
            any = true;
        }
        return any;
    }

    // ---- writing

    /** Writes the fields as HTTP/1 lines, without the empty line that ends a block. */
    public void writeTo(ByteBuf out) {
        if (live == count) {
            out.writeBytes(lines, 0, length);
            return;
        }
        int slot = 0;
        while (slot < count) {
            if (!isLive(slot)) {
                slot++;
                continue;
            }
            int from = index[slot * STRIDE + LINE];
            while (slot < count && isLive(slot)) {
                slot++;
            }
            int to = slot < count ? index[slot * STRIDE + LINE] : length;
            out.writeBytes(lines, from, to - from);
        }
    }

    /** Replaces this content by a copy of {@code other}'s. */
    public void copyFrom(Headers other) {
        clear();
        if (other.live == other.count) {
            if (lines.length < other.length || index.length < other.count * STRIDE) {
                grow(other.length, other.count * STRIDE);
            }
            System.arraycopy(other.lines, 0, lines, 0, other.length);
            System.arraycopy(other.index, 0, index, 0, other.count * STRIDE);
            length = other.length;
            count = other.count;
            live = count;
            return;
        }
        for (int slot = 0; slot < other.count; slot++) {
            if (other.isLive(slot)) {
                add(other.lines, other.nameStart(slot), other.nameLength(slot), other.valueStart(slot), other.valueLength(slot));
            }
        }
    }

    @Override
    public String toString() {
        StringBuilder all = new StringBuilder();
        for (int slot = 0; slot < count; slot++) {
            if (isLive(slot)) {
                all.append(name(slot)).append(": ").append(value(slot)).append('\n');
            }
        }
        return all.toString();
    }
}
