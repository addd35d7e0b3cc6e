package dev.outrider.proxy.datapath.protocol.head;

import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.HttpConnectionManager.HostPort;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** {@code hosts.txt} holds what Envoy 1.40.0 made of each host on port 8080: number of the settings, host, outcome. */
class HostPortsTest {

    private static final List<HostPort> SETTINGS = List.of(
            new HostPort(false, false, false), new HostPort(true, false, false), new HostPort(false, true, false),
            new HostPort(false, false, true), new HostPort(false, true, true));

    @Test
    void asEnvoyDoes() throws IOException {
        for (String row : PathNormalizerTest.lines("hosts.txt")) {
            String[] part = row.split("\\|", -1);
            RequestHead head = new RequestHead();
            head.reset("GET", "/", part[1], "http", RequestHead.Protocol.HTTP_1_1);
            HostPorts.apply(head, SETTINGS.get(Integer.parseInt(part[0])), 8080);
            assertEquals(part[2], head.authority(), row);
        }
    }
}
