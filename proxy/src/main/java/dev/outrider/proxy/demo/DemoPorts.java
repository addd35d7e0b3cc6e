package dev.outrider.proxy.demo;

import dev.outrider.proxy.app.sidecar.StartupException;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** The fixed ports of the demo: Istio's and Bookinfo's own numbers, or consecutive ones from a base. */
record DemoPorts(int admin, int clusterAdmin, int dns, int controlPlane, int http, int mysql, int machineHttp) {

    private static final int USED = 7;

    static final DemoPorts DEFAULT = new DemoPorts(15000, 15100, 15053, 15012, 9080, 3306, 8080);

    /** 0 = the default numbers. */
    static DemoPorts of(int base) throws StartupException {
        if (base == 0) {
            return DEFAULT;
        }
        if (base < 1024 || base + USED > 65536) {
            throw new StartupException("--port-base " + base + ": must be between 1024 and " + (65536 - USED));
        }
        return new DemoPorts(base, base + 1, base + 2, base + 3, base + 4, base + 5, base + 6);
    }

    /** Fails, before anything is started, with a line that names the first port in use. */
    void requireFree() throws StartupException {
        for (InetSocketAddress address : tcp()) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(address);
            } catch (IOException e) {
                throw inUse(address, "TCP");
            }
        }
        InetSocketAddress dnsAddress = Loopback.at(dns);
        try (DatagramSocket socket = new DatagramSocket(dnsAddress)) {
            socket.setSoTimeout(1);
        } catch (IOException e) {
            throw inUse(dnsAddress, "UDP");
        }
    }

    private List<InetSocketAddress> tcp() {
        List<InetSocketAddress> all = new ArrayList<>();
        for (int port : new int[] {admin, clusterAdmin, dns, controlPlane}) {
            all.add(Loopback.at(port));
        }
        for (DemoService service : DemoService.values()) {
            all.add(Loopback.at(service.serviceAddress(), service.port(this)));
            service.pods().forEach(p -> all.add(Loopback.at(p.address(), service.port(this))));
        }
        return all;
    }

    private static StartupException inUse(InetSocketAddress address, String protocol) {
        return new StartupException("port " + address.getPort() + " (" + protocol + ") on " + address.getHostString()
                + " is in use: stop what listens there, or move the demo with --port-base N, for example --port-base 20000");
    }
}
