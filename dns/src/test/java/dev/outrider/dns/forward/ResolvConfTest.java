package dev.outrider.dns.forward;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The file formats that hosts really have. */
class ResolvConfTest {

    private static List<String> ips(ResolvConf conf) {
        return conf.servers().stream().map(InetSocketAddress::getAddress).map(a -> a.getHostAddress()).toList();
    }

    @Test
    void skipsWhatItDoesNotUnderstand() {
        ResolvConf conf = ResolvConf.parse("""
                # made by hand
                ; also a comment
                domain old.example
                nameserver 192.0.2.1
                nameserver
                nameserver not-an-address
                nameserver 192.0.2.1
                nameserver 2001:db8::1
                options ndots:5 rotate
                search A.example. b.example # rest
                """);
        assertEquals(List.of("192.0.2.1", "2001:db8:0:0:0:0:0:1"), ips(conf));
        assertEquals(List.of("a.example", "b.example", "rest"), conf.search().stream().filter(s -> !s.startsWith("#")).toList());
    }

    @Test
    void looksBehindTheStub(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("resolv.conf"), "nameserver 127.0.0.53\nsearch lan\n");
        Path behind = Files.writeString(dir.resolve("upstream"), "nameserver 192.0.2.7\nnameserver 127.0.0.54\n");
        ResolvConf conf = ResolvConf.read(file, behind);
        assertEquals(List.of("192.0.2.7"), ips(conf));
        assertEquals(List.of("lan"), conf.search());
        assertEquals(List.of(), ips(ResolvConf.read(file, dir.resolve("missing"))), "the stub is never asked");
    }
}
