package dev.outrider.proxy.mesh;

import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.model.Secret;

/** Bootstraps of a machine on free ports, with Istio's two secrets in them. */
final class MeshBootstrap {

    private static final TestCertificates AUTHORITY = new TestCertificates();

    private MeshBootstrap() {}

    /** Everything over one aggregated stream; {@code api} is GRPC or DELTA_GRPC. */
    static String ads(String api, int port) {
        Secret.Certificate leaf = AUTHORITY.leaf("spiffe://cluster.local/ns/default/sa/vmapp");
        return """
                node: {id: "sidecar~192.168.77.10~vm-1.default~default.svc.cluster.local", cluster: vmapp.default}
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                dynamic_resources:
                  lds_config: {ads: {}, resource_api_version: V3}
                  cds_config: {ads: {}, resource_api_version: V3}
                  ads_config:
                    api_type: %s
                    transport_api_version: V3
                    grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
                static_resources:
                  clusters:
                  - name: xds-grpc
                    type: STATIC
                    load_assignment:
                      cluster_name: xds-grpc
                      endpoints:
                      - lb_endpoints:
                        - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
                  secrets:
                  - name: default
                    tls_certificate: {certificate_chain: {inline_string: "%s"}, private_key: {inline_string: "%s"}}
                  - name: ROOTCA
                    validation_context: {trusted_ca: {inline_string: "%s"}}
                """.formatted(api, port, line(text(leaf.chainPem())), line(text(leaf.keyPem())), line(AUTHORITY.rootPem()));
    }

    private static String text(dev.outrider.xds.model.Bytes bytes) {
        return new String(bytes.toArray(), java.nio.charset.StandardCharsets.US_ASCII);
    }

    /** A PEM inside a double-quoted YAML text. */
    private static String line(String pem) {
        return pem.replace("\n", "\\n");
    }
}
