package dev.outrider.proxy.machine.registration;

import dev.outrider.proxy.machine.registration.Registration.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RegistrationTest {

    private static Registration of(String service, String... ports) {
        return new Registration(
                service, "default", "10.150.0.5", List.of(ports).stream().map(ServicePort::parse).toList(), Map.of("app", service), "default", "cluster.local");
    }

    @Test
    void thePagesServiceIsAServiceEntryAndAServiceForTheClustersDns() {
        assertEquals("""
                apiVersion: networking.istio.io/v1alpha3
                kind: ServiceEntry
                metadata:
                    name: vmhttp
                    namespace: default
                spec:
                    hosts:
                      - vmhttp.default.svc.cluster.local
                    location: MESH_INTERNAL
                    ports:
                      - name: http
                        number: 8080
                        protocol: HTTP
                    resolution: STATIC
                    endpoints:
                      - address: 10.150.0.5
                        ports:
                            http: 8080
                        labels:
                            app: vmhttp
                        serviceAccount: default
                ---
                apiVersion: v1
                kind: Service
                metadata:
                    name: vmhttp
                    namespace: default
                spec:
                    ports:
                      - name: http
                        port: 8080
                """, of("vmhttp", "8080").yaml(List.of(Kind.SERVICE_ENTRY, Kind.SERVICE)));
    }

    @Test
    void aDeletionNamesTheObjectsAlone() {
        String text = of("mysqldb", "3306").names(List.of(Kind.WORKLOAD_ENTRY));
        assertEquals("apiVersion: networking.istio.io/v1alpha3\nkind: WorkloadEntry\nmetadata:\n    name: mysqldb\n    namespace: default\n", text);
    }

    @ParameterizedTest
    @CsvSource({"80, http, HTTP", "443, https, HTTPS", "3306, mysql, TCP", "9000, tcp-9000, TCP", "grpc-api:9000, grpc-api, GRPC", "http2:81, http2, HTTP2"})
    void aPortsNameSaysItsProtocol(String text, String name, String protocol) {
        ServicePort port = ServicePort.parse(text);
        assertEquals(List.of(name, protocol), List.of(port.name(), port.protocol()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "http", "HTTP:80", "http:", ":80", "a_b:80", "-a:80", "averyveryverylongname:80"})
    void aWrongPortSaysWhatOneLooksLike(String text) {
        String said = assertThrows(IllegalArgumentException.class, () -> ServicePort.parse(text)).getMessage();
        assertTrue(said.contains("'" + text + "' is no port such as 8080, http:8080"), said);
    }

    @Test
    void namesThatKubernetesWouldRefuseAreRefusedHere() {
        assertThrows(IllegalArgumentException.class, () -> of("Vm_Http", "80"));
        assertThrows(IllegalArgumentException.class, () -> of("vmhttp"));
        assertThrows(IllegalArgumentException.class, () -> of("vmhttp", "http:80", "http:81"));
    }
}
