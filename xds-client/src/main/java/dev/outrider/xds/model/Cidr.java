package dev.outrider.xds.model;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** An address range. IPv4-mapped IPv6 addresses are the IPv4 addresses that they map. {@code length} is in bits of the base's family. */
public record Cidr(InetAddress base, int length) {

    public Cidr {
        int bits = base instanceof Inet4Address ? 32 : 128;
        if (length < 0 || length > bits) {
            throw new IllegalArgumentException("prefix length " + length + " is outside 0.." + bits);
        }
    }

    /** Whether {@code address} lies in this range; addresses of the other family never do. */
    public boolean contains(InetAddress address) {
        byte[] want = base.getAddress();
        byte[] have = unmapped(address.getAddress());
        if (want.length != have.length) {
            return false;
        }
        int whole = length >> 3;
        for (int i = 0; i < whole; i++) {
            if (want[i] != have[i]) {
                return false;
            }
        }
        int rest = length & 7;
        return rest == 0 || ((want[whole] ^ have[whole]) & 0xff) >> (8 - rest) == 0;
    }

    private static byte[] unmapped(byte[] address) {
        if (address.length != 16 || address[10] != (byte) 0xff || address[11] != (byte) 0xff) {
            return address;
        }
        for (int i = 0; i < 10; i++) {
            if (address[i] != 0) {
                return address;
            }
        }
        return new byte[] {address[12], address[13], address[14], address[15]};
    }

    /** Parses {@code a.b.c.d/n}, {@code x::y/n} or a bare address. Throws IllegalArgumentException with the text; never resolves names. */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        InetAddress base = ipLiteral(host);
        try {
            return new Cidr(base, slash < 0 ? base.getAddress().length * 8 : Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not an address range such as 10.0.0.0/8", e);
        }
    }

    /** Parses an IP literal (optionally with an IPv6 scope id, which is dropped). Throws IllegalArgumentException; never resolves names. */
    public static InetAddress ipLiteral(String text) {
        int scope = text.indexOf('%');
        String host = scope < 0 ? text : text.substring(0, scope);
        boolean v6 = host.indexOf(':') >= 0;
        boolean v4 = !v6 && !host.isEmpty() && host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'))
                && host.chars().filter(c -> c == '.').count() == 3;
        if (!v4 && !v6) {
            throw new IllegalArgumentException("'" + text + "' is not an IP address");
        }
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + text + "' is not an IP address", e);
        }
    }

    @Override
    public String toString() {
        return base.getHostAddress() + "/" + length;
    }
}
