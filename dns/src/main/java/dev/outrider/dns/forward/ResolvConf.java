package dev.outrider.dns.forward;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;

/**
 * The host's resolvers and search domains (resolv.conf(5)). Where the file names only systemd-resolved's stub, the servers behind it are
 * read from its own file, so that no question goes round in a circle. Reading blocks: never on a loop.
 */
public record ResolvConf(List<InetSocketAddress> servers, List<String> search) {

    private static final int MAX_BYTES = 65_536;
    private static final int MAX_SERVERS = 8;
    private static final int MAX_SEARCH = 32;

    /** Reads {@code file}, or {@code behindStub} when the stub is in use. A file that is missing counts as empty. */
    public static ResolvConf read(Path file, Path behindStub) throws IOException {
        ResolvConf conf = parse(text(file));
        if (conf.servers.stream().anyMatch(ResolvConf::isStub)) {
            ResolvConf behind = parse(text(behindStub));
            List<InetSocketAddress> servers = new ArrayList<>(behind.servers);
            servers.removeIf(ResolvConf::isStub);
            if (servers.isEmpty()) {
                servers.addAll(conf.servers);
                servers.removeIf(ResolvConf::isStub);
            }
            return new ResolvConf(List.copyOf(servers), behind.search.isEmpty() ? conf.search : behind.search);
        }
        return conf;
    }

    private static boolean isStub(InetSocketAddress server) {
        String ip = server.getAddress().getHostAddress();
        return ip.equals("127.0.0.53") || ip.equals("127.0.0.54");
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    /** The last {@code search} or {@code domain} line wins; what is not understood is skipped, as the C library does. */
    static ResolvConf parse(String text) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> search = new ArrayList<>();
        for (String line : text.lines().toList()) {
            StringTokenizer words = new StringTokenizer(line);
            if (!words.hasMoreTokens()) {
                continue;
            }
            switch (words.nextToken()) {
                case "nameserver" -> addServer(servers, words);
                case "search", "domain" -> {
                    search.clear();
                    while (words.hasMoreTokens() && search.size() < MAX_SEARCH) {
                        addDomain(search, words.nextToken());
                    }
                }
                default -> { }
            }
        }
        return new ResolvConf(List.copyOf(servers), List.copyOf(search));
    }

    private static void addDomain(List<String> search, String word) {
        String domain = word.toLowerCase(Locale.ROOT);
        while (domain.endsWith(".")) {
            domain = domain.substring(0, domain.length() - 1);
        }
        if (!domain.isEmpty() && !domain.startsWith("#") && !domain.startsWith(";")) {
            search.add(domain);
        }
    }

    private static void addServer(List<InetSocketAddress> servers, StringTokenizer words) {
        if (!words.hasMoreTokens() || servers.size() == MAX_SERVERS) {
            return;
        }
        String ip = words.nextToken();
        if (!NetUtil.isValidIpV4Address(ip) && !NetUtil.isValidIpV6Address(ip)) {
            return;
        }
        try {
            // A literal with a scope (fe80::1%eth0) keeps it; nothing is resolved here.
            InetSocketAddress server = new InetSocketAddress(InetAddress.getByName(ip), 53);
            if (!servers.contains(server)) {
                servers.add(server);
            }
        } catch (UnknownHostException e) {
            // The scope names an interface that is not here now; the next change of the file tries again.
            return;
        }
    }
}
