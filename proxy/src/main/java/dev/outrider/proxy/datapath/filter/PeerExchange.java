package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.Metadata;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * istio.metadata_exchange: tells the peer who we are and learns who it is, by a pair of header fields in each direction. Any loop: each
 * keeps at most 500 known peers by id.
 */
public final class PeerExchange implements FilterStep {

    private static final HeaderName ID = HeaderName.of("x-envoy-peer-metadata-id");
    private static final HeaderName DATA = HeaderName.of("x-envoy-peer-metadata");
    private static final int CACHE = 500;

    /** Stands for a value that could not be read, so that it is not tried again. */
    private static final PeerMetadata UNREADABLE = new PeerMetadata("", "", "", "", "", "", "", "", "", "", "", Map.of());

    /** Peers by id, least recently used first. */
    private static final class Known extends LinkedHashMap<String, PeerMetadata> {
        private static final long serialVersionUID = 1L;

        Known() {
            super(64, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PeerMetadata> eldest) {
            return size() > CACHE;
        }
    }

    private final HttpFilter.PeerMetadata model;
    private final String id;
    private final String data;
    private final FastThreadLocal<Known> known = new FastThreadLocal<>() {
        @Override
        protected Known initialValue() {
            return new Known();
        }
    };

    public PeerExchange(HttpFilter.PeerMetadata model, PeerMetadata node) {
        this.model = model;
        id = node.id();
        data = PeerStruct.encode(node);
    }

    @Override
    public Verdict onRequest(FilterContext context) {
        Headers headers = context.request.headers();
        if (model.downstreamDiscovery() || model.downstreamPropagation()) {
            context.peerAsked = headers.contains(ID) || headers.contains(DATA);
            if (context.peerAsked && model.downstreamDiscovery()) {
                context.info.downstreamPeer = take(headers);
            }
        }
        if (model.upstreamPropagation() && propagates(context)) {
            headers.set(ID, id);
            headers.set(DATA, data);
        }
        return Verdict.NEXT;
    }

    private boolean propagates(FilterContext context) {
        if (context.cluster == null) {
            return true;
        }
        Metadata metadata = context.cluster.model().metadata();
        if (metadata.at("istio", "disable_mx") != null) {
            return false;
        }
        boolean external = Boolean.TRUE.equals(metadata.at("istio", "external")) || "true".equals(metadata.at("istio", "external"))
                || context.cluster.model().name().equals("PassthroughCluster");
        return !(model.skipExternalClusters() && external);
    }

    @Override
    public void onResponse(FilterContext context, ResponseHead head) {
        Headers headers = head.headers();
        if (model.upstreamDiscovery() && (headers.contains(ID) || headers.contains(DATA))) {
            context.info.upstreamPeer = take(headers);
        }
        if (model.downstreamPropagation() && context.peerAsked) {
            headers.set(ID, id);
            headers.set(DATA, data);
        }
    }

    /** Reads and removes the pair. */
    private @Nullable PeerMetadata take(Headers headers) {
        String peerId = headers.get(ID);
        String value = headers.get(DATA);
        headers.remove(ID);
        headers.remove(DATA);
        if (peerId == null || value == null) {
            return null;
        }
        Known peers = known.get();
        PeerMetadata peer = peers.get(peerId);
        if (peer == null) {
            PeerMetadata read = PeerStruct.decode(peerId, value);
            peer = read == null ? UNREADABLE : read;
            peers.put(peerId, peer);
        }
        return peer == UNREADABLE ? null : peer;
    }
}
