package dev.outrider.proxy.demo;

import com.google.protobuf.Any;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.stub.StreamObserver;

/**
 * Adds Istio's name table to an ADS service whose cache knows Envoy's resource types only: requests of that type are answered here, on
 * the same stream; all others go through. gRPC threads; writes to one stream are serialised by its lock.
 */
public final class NameTableStreams extends AggregatedDiscoveryServiceImplBase {

    private static final String TYPE = "type.googleapis.com/istio.networking.nds.v1.NameTable";

    private final AggregatedDiscoveryServiceImplBase inner;
    private final Any table;

    public NameTableStreams(AggregatedDiscoveryServiceImplBase inner, NameTable table) {
        this.inner = inner;
        this.table = Any.newBuilder().setTypeUrl(TYPE).setValue(table.toByteString()).build();
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(StreamObserver<DiscoveryResponse> out) {
        Serialized<DiscoveryResponse> serialized = new Serialized<>(out);
        return new Filtered<>(inner.streamAggregatedResources(serialized)) {
            @Override
            boolean answered(DiscoveryRequest request) {
                if (!request.getTypeUrl().equals(TYPE)) {
                    return false;
                }
                if (request.getResponseNonce().isEmpty()) {
                    serialized.onNext(DiscoveryResponse.newBuilder()
                            .setTypeUrl(TYPE).setVersionInfo("1").setNonce("nds-1").addResources(table).build());
                }
                return true;
            }
        };
    }

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(StreamObserver<DeltaDiscoveryResponse> out) {
        Serialized<DeltaDiscoveryResponse> serialized = new Serialized<>(out);
        return new Filtered<>(inner.deltaAggregatedResources(serialized)) {
            @Override
            boolean answered(DeltaDiscoveryRequest request) {
                if (!request.getTypeUrl().equals(TYPE)) {
                    return false;
                }
                if (request.getResponseNonce().isEmpty()) {
                    // Without a name, as istiod sends it.
                    serialized.onNext(DeltaDiscoveryResponse.newBuilder()
                            .setTypeUrl(TYPE).setNonce("nds-1").addResources(Resource.newBuilder().setVersion("1").setResource(table)).build());
                }
                return true;
            }
        };
    }

    private abstract static class Filtered<Q> implements StreamObserver<Q> {

        private final StreamObserver<Q> inner;

        Filtered(StreamObserver<Q> inner) {
            this.inner = inner;
        }

        abstract boolean answered(Q request);

        @Override
        public void onNext(Q request) {
            if (!answered(request)) {
                inner.onNext(request);
            }
        }

        @Override
        public void onError(Throwable cause) {
            inner.onError(cause);
        }

        @Override
        public void onCompleted() {
            inner.onCompleted();
        }
    }

    private record Serialized<R>(StreamObserver<R> out) implements StreamObserver<R> {

        @Override
        public void onNext(R response) {
            synchronized (out) {
                out.onNext(response);
            }
        }

        @Override
        public void onError(Throwable cause) {
            synchronized (out) {
                out.onError(cause);
            }
        }

        @Override
        public void onCompleted() {
            synchronized (out) {
                out.onCompleted();
            }
        }
    }
}
