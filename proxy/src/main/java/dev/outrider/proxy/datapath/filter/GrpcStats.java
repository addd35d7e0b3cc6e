package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.telemetry.accesslog.GrpcStatus;
import io.netty.buffer.ByteBuf;

/** envoy.filters.http.grpc_stats: counts request and response messages of gRPC streams into their record. Immutable. */
public final class GrpcStats implements FilterStep {

    @Override
    public Verdict onRequest(FilterContext context) {
        if (GrpcStatus.isGrpc(context.request.headers())) {
            context.grpcRequest = new GrpcFrames();
            context.grpcResponse = new GrpcFrames();
        }
        return Verdict.NEXT;
    }

    @Override
    public boolean readsData() {
        return true;
    }

    @Override
    public void onRequestData(FilterContext context, ByteBuf data) {
        GrpcFrames frames = context.grpcRequest;
        if (frames != null) {
            frames.read(data);
            context.info.grpcRequestMessages = frames.messages();
        }
    }

    @Override
    public void onResponseData(FilterContext context, ByteBuf data) {
        GrpcFrames frames = context.grpcResponse;
        if (frames != null) {
            frames.read(data);
            context.info.grpcResponseMessages = frames.messages();
        }
    }
}
