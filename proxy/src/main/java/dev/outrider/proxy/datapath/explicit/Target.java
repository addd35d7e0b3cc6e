package dev.outrider.proxy.datapath.explicit;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Where a client wants to go: a name or an address literal, and a port. Immutable. */
record Target(String host, int port) {

    private static final int LONGEST_NAME = 255;

    /** Throws {@link Refusal} where this can be no host and port. */
    static Target of(String host, int port) throws Refusal {
        boolean sound = !host.isEmpty() && host.length() <= LONGEST_NAME && port >= 1 && port <= 65_535;
        for (int i = 0; sound && i < host.length(); i++) {
            char c = host.charAt(i);
            sound = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' || c == '_' || c == ':';
        }
        if (!sound || host.indexOf(':') >= 0 && !NetUtil.isValidIpV6Address(host)) {
            throw new Refusal(Refusal.Reason.MALFORMED);
        }
        return new Target(host, port);
    }

    /** Null where {@code host} is a name. */
    @Nullable InetAddress literal() {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host) ? InetAddress.ofLiteral(host) : null;
    }
}
