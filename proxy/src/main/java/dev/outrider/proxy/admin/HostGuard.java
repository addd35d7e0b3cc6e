package dev.outrider.proxy.admin;

import io.netty.util.NetUtil;
import java.util.Locale;

/**
 * Keeps web pages away from the endpoint: a browser that was made to resolve a foreign name to this machine (DNS rebinding) sends that
 * name as Host, and one that posts across origins sends an Origin. Addresses and localhost names cannot be rebound.
 */
final class HostGuard {

    private HostGuard() {}

    static boolean allowsHost(String host) {
        String name = withoutPort(host.toLowerCase(Locale.ROOT));
        return name.isEmpty() || name.equals("localhost") || name.endsWith(".localhost") || isAddress(name);
    }

    /** Empty origin: not a browser, or the same origin by an old one. */
    static boolean allowsOrigin(String origin, String host) {
        return origin.isEmpty() || origin.equals("http://" + host);
    }

    private static boolean isAddress(String name) {
        return name.startsWith("[") && name.endsWith("]")
                ? NetUtil.isValidIpV6Address(name.substring(1, name.length() - 1))
                : NetUtil.isValidIpV4Address(name);
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon < 0 || host.endsWith("]") ? host : host.substring(0, colon);
    }
}
