package dev.outrider.proxy.datapath.protocol.head;

import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.HttpConnectionManager.HostPort;

/** Takes the port, or a trailing dot, from Host before routing where the configuration says so. Pure. */
public final class HostPorts {

    private HostPorts() {}

    public static void apply(RequestHead head, HostPort rules, int localPort) {
        if (!rules.stripAny() && !rules.stripMatching() && !rules.stripTrailingDot()) {
            return;
        }
        String host = head.authority();
        if (rules.stripTrailingDot()) {
            host = withoutDot(host);
        }
        int colon = portColon(host);
        if (colon >= 0 && (rules.stripAny() || rules.stripMatching() && port(host, colon) == localPort)) {
            host = host.substring(0, colon);
        }
        head.authority(host);
    }

    private static String withoutDot(String host) {
        int colon = portColon(host);
        int end = colon < 0 ? host.length() : colon;
        if (end > 0 && host.charAt(end - 1) == '.') {
            return host.substring(0, end - 1) + host.substring(end);
        }
        return host;
    }

    /** Index of the last colon if nothing but digits follows it, or -1. */
    private static int portColon(String host) {
        int colon = host.lastIndexOf(':');
        return colon >= 0 && port(host, colon) >= 0 ? colon : -1;
    }

    private static long port(String host, int colon) {
        if (colon + 1 == host.length() || host.length() - colon > 10) {
            return -1;
        }
        long value = 0;
        for (int i = colon + 1; i < host.length(); i++) {
            int digit = host.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
