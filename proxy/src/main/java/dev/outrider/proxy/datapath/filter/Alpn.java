package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.HttpFilter;
import java.util.List;

/** istio.alpn: the ALPN list that upstream TLS offers, by the protocol that the request will be spoken in upstream. Immutable. */
public final class Alpn implements FilterStep {

    private final List<String> http10;
    private final List<String> http11;
    private final List<String> http2;

    public Alpn(HttpFilter.Alpn model) {
        http10 = model.overrides().getOrDefault("HTTP10", List.of());
        http11 = model.overrides().getOrDefault("HTTP11", List.of());
        http2 = model.overrides().getOrDefault("HTTP2", List.of());
    }

    @Override
    public Verdict onRequest(FilterContext context) {
        ClusterState cluster = context.cluster;
        if (cluster == null || "false".equals(cluster.model().metadata().at("istio", "alpn_override"))) {
            return Verdict.NEXT;
        }
        Cluster.HttpProtocolOptions.Protocol protocol = cluster.model().http().protocol();
        if (protocol == Cluster.HttpProtocolOptions.Protocol.HTTP2) {
            context.alpn = http2;
        } else if (protocol == Cluster.HttpProtocolOptions.Protocol.DOWNSTREAM) {
            RequestHead.Protocol spoken = context.request.protocol();
            context.alpn = spoken == RequestHead.Protocol.HTTP_2 ? http2 : spoken == RequestHead.Protocol.HTTP_1_0 ? http10 : http11;
        } else {
            context.alpn = http11;
        }
        return Verdict.NEXT;
    }
}
