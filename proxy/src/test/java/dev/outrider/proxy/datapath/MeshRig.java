package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.cluster.TestClusters;
import dev.outrider.proxy.identity.SecretStore;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.model.source.ResourceRef;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** One side of a mesh: a data path with TLS and its identity, and the listener and cluster that istiod would send. */
final class MeshRig implements AutoCloseable {

    static final String EXCHANGE = "istio-peer-exchange";
    static final NetworkFilter.MetadataExchange PREAMBLE = new NetworkFilter.MetadataExchange(EXCHANGE, false);

    private static final ConfigSource ADS = new ConfigSource.Ads();

    final DataPathRig rig = new DataPathRig(channel -> null, new MeshTls(new SecretStore()));

    void secrets(Map<String, Secret> all) throws Exception {
        apply(List.of(), List.of(), all);
    }

    void identity(TestCertificates ca, String name) throws Exception {
        secrets(Map.of("default", ca.leaf(name), "ROOTCA", ca.trust()));
    }

    void apply(Collection<Cluster> clusters, Collection<Listener> listeners) throws Exception {
        rig.apply(MeshUpdate.of(clusters, listeners));
    }

    private void apply(Collection<Cluster> clusters, Collection<Listener> listeners, Map<String, Secret> secrets) throws Exception {
        rig.apply(new MeshUpdate(clusters, Set.of(), List.of(), Set.of(), List.of(), Set.of(), listeners, Set.of(), secrets));
    }

    private static TransportSocket.TlsContext context(List<String> alpn, Secret.Validation own) {
        return new TransportSocket.TlsContext(
                List.of(), List.of(new ResourceRef("default", ADS)), own, new ResourceRef("ROOTCA", ADS), alpn,
                "TLSv1.2", "TLSv1.3", List.of(), List.of());
    }

    /** As on port 15006: TLS is inspected and one chain takes Istio's mTLS. */
    static Listener inbound(String name, String cluster, NetworkFilter... more) {
        var match = new Listener.FilterChainMatch(
                0, List.of(), List.of(), Listener.SourceType.ANY, List.of(), List.of(), List.of(), "tls",
                List.of("istio", EXCHANGE, "istio-http/1.0", "istio-http/1.1", "istio-h2"));
        var socket = new TransportSocket.DownstreamTls(context(List.of(EXCHANGE, "h2", "http/1.1"), null), true, false);
        NetworkFilter[] filters = new NetworkFilter[more.length + 3];
        filters[0] = PREAMBLE;
        System.arraycopy(more, 0, filters, 1, more.length);
        filters[more.length + 1] = DataPathRig.WATCHED;
        filters[more.length + 2] = TestListeners.tcpProxy(cluster);
        return TestListeners.listener(
                name, "127.0.0.1", 0, true, false, List.of(new Listener.ListenerFilter("tls", Listener.ListenerFilter.Kind.TLS_INSPECTOR, null)),
                TestListeners.chain(match, socket, filters));
    }

    /** As for a service whose workload has a sidecar. */
    static Cluster mutual(String name, InetSocketAddress server, boolean inMesh, List<String> alpn, String... peers) {
        Cluster plain = TestClusters.cluster(name, Cluster.Discovery.STATIC, null);
        List<Secret.San> sans = List.of(peers).stream()
                .map(p -> new Secret.San(Secret.San.Type.ANY, new dev.outrider.xds.model.match.StringMatcher.Exact(p, false)))
                .toList();
        var names = new Secret.Validation(Bytes.EMPTY, null, sans, Bytes.EMPTY, List.of(), List.of(), false, false);
        var tls = new TransportSocket.UpstreamTls(context(alpn, names), "outbound_.9000_._." + name + ".default.svc.cluster.local", false, false, null);
        var endpoint = new ClusterLoadAssignment.Endpoint(
                new Address.Ip(Cidr.ipLiteral("127.0.0.1"), server.getPort()), List.of(), "", ClusterLoadAssignment.Health.HEALTHY, 1,
                inMesh ? new Metadata(Map.of("envoy.transport_socket_match", Map.of("tlsMode", "istio"))) : Metadata.EMPTY);
        return new Cluster(
                name, "", Cluster.Discovery.STATIC, null, TestClusters.assignment(name, endpoint), plain.lbPolicy(), plain.lbConfig(),
                plain.connectTimeoutNanos(), new Cluster.CircuitBreakers(
                        new Cluster.CircuitBreakers.Threshold(100, 100, 100, 3, -1, 3), new Cluster.CircuitBreakers.Threshold(100, 100, 100, 3, -1, 3)),
                null, new TransportSocket.RawBuffer(),
                List.of(
                        new Cluster.TransportSocketMatch("tlsMode-istio", Map.of("tlsMode", "istio"), tls),
                        new Cluster.TransportSocketMatch("tlsMode-disabled", Map.of(), new TransportSocket.RawBuffer())),
                plain.http(), List.of(PREAMBLE), null, null, plain.dns(), 0, null, plain.cleanupIntervalNanos(), 1 << 20, Metadata.EMPTY);
    }

    Socket connect(String listener) throws IOException {
        return rig.connect(listener);
    }

    SSLSocket connectTls(String listener, TestCertificates ca, Secret.Certificate certificate, String... alpn) throws IOException {
        InetSocketAddress to = rig.address(listener);
        SSLSocket socket = (SSLSocket) ca.jdkContext(certificate).getSocketFactory().createSocket(to.getAddress(), to.getPort());
        socket.setSoTimeout(10_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(alpn);
        socket.setSSLParameters(parameters);
        return socket;
    }

    StreamInfo nextClosed() throws InterruptedException {
        return rig.nextClosed();
    }

    long counter(String name) {
        var counter = rig.stats.counters().get(name);
        return counter == null ? 0 : counter.value();
    }

    @Override
    public void close() throws Exception {
        rig.close();
    }
}
