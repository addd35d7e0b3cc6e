package dev.outrider.dns.query;

import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;

/** An address range, and the reverse zones that cover it. Immutable. */
public final class Cidr {

    /** More reverse zones than this are not made: a range so wide belongs to nobody alone. */
    private static final int MAX_ZONES = 256;

    private final byte[] network;
    private final int bits;

    private Cidr(byte[] network, int bits) {
        this.network = network;
        this.bits = bits;
    }

    /** Parses {@code address/bits}; throws IllegalArgumentException that names the text. */
    public static Cidr of(String text) {
        int slash = text.indexOf('/');
        String ip = slash < 0 ? text : text.substring(0, slash);
        byte[] address = NetUtil.createByteArrayFromIpAddressString(ip);
        if (address == null) {
            throw new IllegalArgumentException("address range " + text + ": " + ip + " is no IP address");
        }
        try {
            int bits = slash < 0 ? address.length * 8 : Integer.parseInt(text.substring(slash + 1));
            if (bits >= 0 && bits <= address.length * 8) {
                return new Cidr(address, bits);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("address range " + text + ": the part after / is no number", e);
        }
        throw new IllegalArgumentException("address range " + text + ": 0 to " + address.length * 8 + " bits are possible");
    }

    public boolean contains(byte[] bytes, int offset, int length) {
        if (length != network.length) {
            return false;
        }
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >> (i & 7);
            if ((bytes[offset + (i >> 3)] & mask) != (network[i >> 3] & mask)) {
                return false;
            }
        }
        return true;
    }

    /** The zones, cut at octets (IPv6: nibbles), that cover exactly this range; none for a range too wide to be ours. */
    public List<String> reverseZones() {
        int unit = network.length == 4 ? 8 : 4;
        int units = (bits + unit - 1) / unit;
        int spare = units * unit - bits;
        List<String> zones = new ArrayList<>();
        if (units == 0 || 1 << spare > MAX_ZONES) {
            return zones;
        }
        int base = unit(units - 1) & -(1 << spare);
        for (int i = 0; i < 1 << spare; i++) {
            StringBuilder zone = new StringBuilder(Integer.toString(base + i, unit == 8 ? 10 : 16));
            for (int u = units - 2; u >= 0; u--) {
                zone.append('.').append(Integer.toString(unit(u), unit == 8 ? 10 : 16));
            }
            zones.add(zone.append(unit == 8 ? ".in-addr.arpa" : ".ip6.arpa").toString());
        }
        return zones;
    }

    private int unit(int index) {
        if (network.length == 4) {
            return network[index] & 0xFF;
        }
        int octet = network[index / 2] & 0xFF;
        return index % 2 == 0 ? octet >> 4 : octet & 0x0F;
    }
}
