package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Listener.FilterChain;
import dev.outrider.xds.model.Listener.FilterChainMatch;
import dev.outrider.xds.model.Listener.SourceType;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.TransportSocket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class FilterChainMatcherTest {

    private static Chain chain(String name, FilterChainMatch match) {
        return new Chain(
                new FilterChain(name, match, List.of(), new TransportSocket.RawBuffer(), 0, Metadata.EMPTY), null, (connection, pipeline) -> {});
    }

    private static FilterChainMatch match(int port, String range, String server, String transport, String alpn) {
        return new FilterChainMatch(
                port, range.isEmpty() ? List.of() : List.of(Cidr.parse(range)), List.of(), SourceType.ANY, List.of(), List.of(),
                server.isEmpty() ? List.of() : List.of(server), transport, alpn.isEmpty() ? List.of() : Arrays.asList(alpn.split("\\|")));
    }

    private static String find(FilterChainMatcher matcher, String to, String sni, String transport, String alpn) {
        int colon = to.lastIndexOf(':');
        Chain found = matcher.find(new Criteria(
                new InetSocketAddress(to.substring(0, colon), Integer.parseInt(to.substring(colon + 1))), new InetSocketAddress("10.9.0.1", 4000),
                new InetSocketAddress("10.9.0.1", 4000), sni, transport, alpn.isEmpty() ? List.of() : Arrays.asList(alpn.split("\\|"))));
        return found == null ? "none" : found.model().name();
    }

    /** The chains of a PERMISSIVE port of unknown protocol, a TCP port, and the passthrough ones. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "10.0.0.5:8080;'';tls;istio-http/1.1|istio|http/1.1;mtls-http",
        "10.0.0.5:8080;'';tls;istio-peer-exchange|istio;mtls-tcp",
        "10.0.0.5:8080;'';tls;h2|http/1.1;app-tls",
        "10.0.0.5:8080;'';raw_buffer;http/1.1;plain-http",
        "10.0.0.5:8080;'';raw_buffer;'';plain-tcp",
        "10.0.0.5:3306;'';raw_buffer;'';none",
        "10.0.0.5:3306;'';tls;'';strict",
        "10.0.0.5:9999;'';tls;'';default-tls",
        "10.0.0.5:9999;a.example.com;raw_buffer;'';none"
    })
    void narrowsInOrderAndNeverGoesBack(String to, String sni, String transport, String alpn, String expected) {
        var matcher = new FilterChainMatcher(
                List.of(
                        chain("mtls-http", match(8080, "", "", "tls", "istio-http/1.0|istio-http/1.1|istio-h2")),
                        chain("plain-http", match(8080, "", "", "raw_buffer", "http/1.1|h2c")),
                        chain("mtls-tcp", match(8080, "", "", "tls", "istio-peer-exchange|istio")),
                        chain("plain-tcp", match(8080, "", "", "raw_buffer", "")),
                        chain("app-tls", match(8080, "", "", "tls", "")),
                        chain("strict", match(3306, "", "", "tls", "")),
                        chain("default-tls", match(0, "", "", "tls", ""))),
                null);
        assertEquals(expected, find(matcher, to, sni, transport, alpn));
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3:1,'',narrow", "10.1.9.9:1,'',wide", "192.168.0.1:1,'',any", "'[fd00::1]:1','',six", "'[::ffff:10.1.2.3]:1','',narrow",
        "192.168.0.1:1,a.b.example.com,wild", "192.168.0.1:1,b.example.com,exact", "192.168.0.1:1,example.com,any"
    })
    void theMostSpecificRangeAndNameWin(String to, String sni, String expected) {
        var matcher = new FilterChainMatcher(
                List.of(
                        chain("wide", match(0, "10.1.0.0/16", "", "", "")), chain("narrow", match(0, "10.1.2.0/24", "", "", "")),
                        chain("six", match(0, "fd00::/8", "", "", "")), chain("wild", match(0, "", "*.example.com", "", "")),
                        chain("exact", match(0, "", "b.example.com", "", "")), chain("any", match(0, "", "", "", ""))),
                null);
        assertEquals(expected, find(matcher, to, sni, "tls", ""));
    }

    @Test
    void withoutAnyFitTheDefaultServes() {
        var matcher = new FilterChainMatcher(List.of(chain("one", match(1, "", "", "", ""))), chain("default", FilterChainMatch.ALL));
        assertEquals("default", find(matcher, "10.0.0.1:2", "", "raw_buffer", ""));
        assertEquals("one", find(matcher, "10.0.0.1:1", "", "raw_buffer", ""));
    }
}
