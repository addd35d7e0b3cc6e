package dev.outrider.proxy.intercept.plan;

import dev.outrider.proxy.machine.LocalAddresses;
import dev.outrider.xds.model.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a plan needs to know of the machine.
 *
 * @param addresses neither loopback nor link-local
 * @param nameservers of resolv.conf; those behind systemd-resolved's stub too, since programs may ask resolved without a packet (nss-resolve, D-Bus)
 * @param proxyUid of the service user, or Istio's customary number
 * @param ssh the session that this command runs in
 */
public record HostFacts(List<InetAddress> addresses, List<InetAddress> nameservers, int proxyUid, int proxyGid, InterceptionPlan.@Nullable SshSession ssh) {

    /** Istio's number for the proxy's user and group, where no such user exists. */
    static final int CUSTOMARY_ID = 1337;

    private static final int MAX_ANCESTORS = 64;
    private static final InetAddress STUB = InetAddress.ofLiteral("127.0.0.53");

    /** Reads them below {@code root}; what cannot be read is absent. */
    public static HostFacts read(Path root, String proxyUser) {
        int uid = CUSTOMARY_ID;
        int gid = CUSTOMARY_ID;
        for (String line : lines(root.resolve("etc/passwd"))) {
            String[] field = line.split(":", -1);
            if (field.length > 3 && field[0].equals(proxyUser) && number(field[2]) >= 0 && number(field[3]) >= 0) {
                uid = number(field[2]);
                gid = number(field[3]);
            }
        }
        return new HostFacts(localAddresses(), nameservers(root), uid, gid, sshSession(Path.of("/proc")));
    }

    private static List<InetAddress> nameservers(Path root) {
        Path own = root.resolve("etc/resolv.conf");
        List<InetAddress> servers = new ArrayList<>(named(Files.exists(own) ? own : Path.of("/etc/resolv.conf")));
        if (servers.contains(STUB)) {
            servers.addAll(named(root.resolve("run/systemd/resolve/resolv.conf")));
        }
        return servers.stream().distinct().toList();
    }

    private static List<InetAddress> named(Path resolvConf) {
        return lines(resolvConf).stream()
                .map(line -> line.strip().split("\\s+", -1))
                .filter(word -> word.length > 1 && word[0].equals("nameserver"))
                .flatMap(word -> literal(word[1]).stream())
                .toList();
    }

    /** Empty for a word that is no address: the resolver skips such a line as well. */
    private static Optional<InetAddress> literal(String word) {
        try {
            return Optional.of(Cidr.ipLiteral(word));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static List<InetAddress> localAddresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(link -> !link.getName().equals(LocalAddresses.DNS_LINK))
                    .flatMap(link -> link.getInterfaceAddresses().stream())
                    .map(InterfaceAddress::getAddress)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** From this process or the nearest ancestor that knows it: sudo hides the variable from its children. */
    static InterceptionPlan.@Nullable SshSession sshSession(Path proc) {
        String process = "self";
        for (int i = 0; i < MAX_ANCESTORS && !process.isEmpty() && !process.equals("0"); i++) {
            for (String variable : text(proc.resolve(process).resolve("environ")).split("\0", -1)) {
                if (variable.startsWith("SSH_CONNECTION=")) {
                    return parseSession(variable.substring("SSH_CONNECTION=".length()));
                }
            }
            String parent = "";
            for (String line : text(proc.resolve(process).resolve("status")).split("\n", -1)) {
                if (line.toLowerCase(Locale.ROOT).startsWith("ppid:")) {
                    parent = line.substring(5).strip();
                }
            }
            process = parent;
        }
        return null;
    }

    private static InterceptionPlan.@Nullable SshSession parseSession(String value) {
        String[] word = value.strip().split(" ", -1);
        try {
            return word.length == 4 ? new InterceptionPlan.SshSession(Cidr.ipLiteral(word[0]), Integer.parseInt(word[3])) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static List<String> lines(Path file) {
        return List.of(text(file).split("\n", -1));
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
