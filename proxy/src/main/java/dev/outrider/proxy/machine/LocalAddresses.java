package dev.outrider.proxy.machine;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** This machine's own addresses and name, as far as the mesh may know them. */
public final class LocalAddresses {

    /** The link by which systemd-resolved knows the DNS shim: its address is nobody's. */
    public static final String DNS_LINK = "outrider0";

    private LocalAddresses() {}

    /** Addresses of interfaces that are up, without loopback and link-local ones; IPv4 first, each once, without scope. */
    public static List<String> all() {
        List<String> v4 = new ArrayList<>();
        List<String> v6 = new ArrayList<>();
        try {
            for (NetworkInterface link : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (!link.isUp() || link.isLoopback() || link.getName().equals(DNS_LINK)) {
                    continue;
                }
                for (InetAddress address : Collections.list(link.getInetAddresses())) {
                    if (!address.isLinkLocalAddress() && !address.isLoopbackAddress()) {
                        String text = address.getHostAddress();
                        int scope = text.indexOf('%');
                        (address instanceof Inet4Address ? v4 : v6).add(scope < 0 ? text : text.substring(0, scope));
                    }
                }
            }
        } catch (SocketException e) {
            return List.of();
        }
        v4.addAll(v6);
        return v4;
    }

    /** The first label of the host's name. */
    public static String hostName() {
        try {
            String name = InetAddress.getLocalHost().getHostName();
            int dot = name.indexOf('.');
            return dot > 0 ? name.substring(0, dot) : name;
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
