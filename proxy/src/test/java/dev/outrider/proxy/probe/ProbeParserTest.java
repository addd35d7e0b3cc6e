package dev.outrider.proxy.probe;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ProbeParserTest {

    @Test
    void istiosDefaultsHoldForWhatIsNotSaid() {
        ReadinessProbe probe = ProbeParser.parse("{tcpSocket: {port: 3306}}");
        assertEquals(new ReadinessProbe(
                new ReadinessProbe.Tcp("", 3306), Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(10), 1, 1), probe);
        assertEquals(probe, ProbeParser.parse("{tcpSocket: {port: 3306}, timeoutSeconds: 0, periodSeconds: 0, failureThreshold: 0}"));
    }

    @Test
    void everyFieldOfAnHttpProbeIsRead() {
        ReadinessProbe probe = ProbeParser.parse("""
                {"httpGet": {"path": "health", "port": "8443", "host": "127.0.0.1", "scheme": "HTTPS",
                             "httpHeaders": [{"name": "Host", "value": "app"}, {"name": "X-Probe", "value": "a b"}]},
                 "initial_delay_seconds": 3, "timeoutSeconds": 2, "periodSeconds": "5", "successThreshold": 4, "failureThreshold": 6}""");
        assertEquals(new ReadinessProbe(
                new ReadinessProbe.Http("127.0.0.1", 8443, "/health", true, List.of(Map.entry("Host", "app"), Map.entry("X-Probe", "a b"))),
                Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofSeconds(5), 4, 6), probe);
    }

    @Test
    void gRpcAndProgramsAreRead() {
        assertEquals(new ReadinessProbe.Grpc(9090, "shop.Cart"), ProbeParser.parse("{grpc: {port: 9090, service: shop.Cart}}").action());
        assertEquals(new ReadinessProbe.Exec(List.of("/bin/check", "--all")), ProbeParser.parse("{exec: {command: [/bin/check, --all]}}").action());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                          | exactly one of
            {tcpSocket: {port: 1}, grpc: {port: 1}}                     | exactly one of
            {tcpSocket: {port: 1}, livenessSeconds: 3}                  | 'livenessSeconds' is no field
            {tcpSocket: {port: 70000}}                                  | port 70000
            {tcpSocket: {}}                                             | port
            {tcpSocket: 8080}                                           | tcpSocket
            {httpGet: {port: 80, verb: POST}}                           | 'verb' is no field of httpGet
            {httpGet: {port: 80, scheme: ftp}}                          | scheme 'ftp'
            {httpGet: {port: 80, path: "/a b"}}                         | path
            {httpGet: {port: 80, path: "/a\\r\\nX: y"}}                 | path
            {httpGet: {port: 80, httpHeaders: [{name: "a:b"}]}}         | httpHeaders
            {httpGet: {port: 80, httpHeaders: [{name: a, value: "x\\ny"}]}} | httpHeaders
            {exec: {command: []}}                                       | command
            {exec: {command: ls}}                                       | command
            {tcpSocket: {port: 1}, periodSeconds: -1}                   | periodSeconds -1
            {tcpSocket: {port: 1}, periodSeconds: 5s}                   | periodSeconds '5s'
            [tcpSocket]                                                 | a map
            {tcpSocket: {port: 1}                                       | neither YAML nor JSON
            """)
    void whatIsWrongIsNamed(String text, String message) {
        String said = assertThrows(IllegalArgumentException.class, () -> ProbeParser.parse(text)).getMessage();
        assertTrue(said.contains(message), said);
    }
}
