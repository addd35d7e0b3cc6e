package dev.outrider.proxy.app;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Commands as the README prints them, on a machine whose files are below another root. */
class ReadmeCommandsTest {

    @TempDir
    private Path root;

    @BeforeEach
    void aMachineOfTheGuide() throws Exception {
        Path file = root.resolve("var/lib/istio/envoy/cluster.env");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "ISTIO_CP_AUTH=MUTUAL_TLS\nISTIO_SERVICE_CIDR=10.55.240.0/20\nISTIO_INBOUND_PORTS=3306,8080\nISTIO_SVC_IP=10.150.0.5\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "outrider doctor | 1 | root-cert.pem is missing",
        "outrider config show --origin | 0 | cluster.env:2",
        "outrider register vmhttp 8080 | 0 | address: 10.150.0.5",
        "outrider run --print-bootstrap | 0 | istio-pilot.istio-system",
    })
    void printsWhatItPromises(String command, int status, String said) throws Exception {
        runs(command, "--root=" + root, status, said);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "outrider status | 0 | state          ready (LIVE)",
        "outrider explain productpage.default.svc.cluster.local:9080 | 1 | productpage.default.svc.cluster.local has no address",
        "outrider dns query productpage.default.svc.cluster.local | 0 | in a zone that is ours",
    })
    void asksTheRunningSidecar(String command, int status, String said) throws Exception {
        SidecarConfig config = SidecarConfig.of("admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}")
                .withDns(DnsSettings.defaults().withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
        try (Sidecar sidecar = Sidecar.start(config)) {
            InetSocketAddress admin = (InetSocketAddress) sidecar.adminAddress();
            runs(command, "--admin=127.0.0.1:" + admin.getPort(), status, said);
        }
    }

    private static void runs(String command, String option, int status, String said) throws Exception {
        assertTrue(Files.readString(Path.of("../README.md")).contains("\n" + command), "the README has no line '" + command + "'");
        List<String> arguments = new ArrayList<>(List.of(command.split(" ", -1)).subList(1, command.split(" ", -1).length));
        arguments.add(option);
        PrintStream before = System.out;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PrintStream captured = new PrintStream(out, true, StandardCharsets.UTF_8)) {
            System.setOut(captured);
            assertEquals(status, Main.run(arguments.toArray(String[]::new)));
        } finally {
            System.setOut(before);
        }
        assertTrue(out.toString(StandardCharsets.UTF_8).contains(said), out.toString(StandardCharsets.UTF_8));
    }
}
