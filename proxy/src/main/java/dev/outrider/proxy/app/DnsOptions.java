package dev.outrider.proxy.app;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.machine.MachineDns;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where the shim listens and asks, given with a command: over what the machine's settings say. */
final class DnsOptions {

    private static final int DNS_PORT = 53;
    private static final InetAddress LOOPBACK_V6 = InetAddress.ofLiteral("::1");

    @Option(names = {"--dns-listen", "--listen"}, split = ",", paramLabel = "ADDR:PORT", description = "serve names by DNS here")
    private List<String> listen = new ArrayList<>();

    @Option(names = {"--dns-upstream", "--upstream"}, split = ",", paramLabel = "ADDR[:PORT]", description = "resolvers for all names but the mesh's, default: the host's")
    private List<String> upstream = new ArrayList<>();

    /** {@link QuickOptions#option}. */
    boolean option(String name, String value) {
        switch (name) {
            case "--dns-listen" -> listen.addAll(List.of(value.split(",")));
            case "--dns-upstream" -> upstream.addAll(List.of(value.split(",")));
            default -> {
                return false;
            }
        }
        return true;
    }

    boolean listens() {
        return !listen.isEmpty();
    }

    DnsSettings over(DnsSettings settings) throws StartupException {
        DnsSettings result = settings;
        if (!listen.isEmpty()) {
            result = result.withListen(addresses("--dns-listen", listen, DnsSettings.DEFAULT_PORT));
        } else if (result.listen().equals(DnsSettings.defaults().listen()) && local(LOOPBACK_V6)) {
            // Where rules redirect what programs ask a resolver of IPv6.
            result = result.withListen(result.listen().getFirst(), new InetSocketAddress(LOOPBACK_V6, DnsSettings.DEFAULT_PORT));
        }
        return upstream.isEmpty() ? result : result.withServers(addresses("--dns-upstream", upstream, DNS_PORT));
    }

    private static boolean local(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    private static InetSocketAddress[] addresses(String option, List<String> texts, int defaultPort) throws StartupException {
        try {
            return texts.stream().map(text -> MachineDns.address(text.strip(), defaultPort)).toArray(InetSocketAddress[]::new);
        } catch (IllegalArgumentException e) {
            throw new StartupException(option + ": " + e.getMessage());
        }
    }
}
