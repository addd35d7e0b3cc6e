package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.datapath.protocol.head.HttpDate;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Route;
import org.jspecify.annotations.Nullable;

/** What every answer gets on its way to the client: server, date, via, request id, decorator (Envoy's mutateResponseHeaders). Changes
 * heads only. */
final class ResponseFinisher {

    private static final HeaderName VIA = HeaderName.of("via");
    private static final HeaderName DECORATOR = HeaderName.of("x-envoy-decorator-operation");

    private ResponseFinisher() {}

    /**
     * The name of the span: an outbound proxy tells it upstream, an inbound one tells it back to the client. What the client is to be told,
     * "" for nothing.
     */
    static String decorate(RequestHead request, Route route, boolean inbound) {
        String operation = route.propagateDecorator() ? route.decorator() : "";
        if (!inbound) {
            if (!operation.isEmpty()) {
                request.headers().set(DECORATOR, operation);
            }
            return "";
        }
        return request.headers().remove(DECORATOR) ? "" : operation;
    }

    /** A local reply's own type, which counts only where the route's header operations leave none (as with Envoy). */
    static @Nullable String takeType(ResponseHead head) {
        String type = head.headers().get(HeaderName.CONTENT_TYPE);
        head.headers().remove(HeaderName.CONTENT_TYPE);
        return type;
    }

    static void type(ResponseHead head, @Nullable String own) {
        if (own != null && !head.headers().contains(HeaderName.CONTENT_TYPE)) {
            head.headers().add(HeaderName.CONTENT_TYPE, own);
        }
    }

    static void finish(Exchange exchange, ResponseHead head, String decorator) {
        HttpConnectionManager model = exchange.program.model;
        Headers headers = head.headers();
        if (!headers.contains(HeaderName.DATE)) {
            headers.add(HeaderName.DATE, HttpDate.now(System.currentTimeMillis()));
        }
        HttpConnectionManager.ServerHeader server = model.serverHeader();
        switch (server.transformation()) {
            case OVERWRITE -> headers.set(HeaderName.SERVER, server.name());
            case APPEND_IF_ABSENT -> {
                if (!headers.contains(HeaderName.SERVER)) {
                    headers.add(HeaderName.SERVER, server.name());
                }
            }
            case PASS_THROUGH -> {}
        }
        String via = model.forwarding().via();
        if (!via.isEmpty()) {
            String there = headers.joined(VIA);
            headers.set(VIA, there == null ? via : there + ", " + via);
        }
        if (model.forwarding().alwaysSetRequestIdInResponse() && !exchange.info().requestId.isEmpty()) {
            headers.set(HeaderName.X_REQUEST_ID, exchange.info().requestId);
        }
        if (!decorator.isEmpty()) {
            headers.set(DECORATOR, decorator);
        }
    }
}
