package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.datapath.protocol.head.HttpDate;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.xds.model.HttpConnectionManager;

/** What every answer gets on its way to the client: server, date, via, request id, decorator (Envoy's mutateResponseHeaders). Pure. */
final class ResponseFinisher {

    private static final HeaderName VIA = HeaderName.of("via");
    private static final HeaderName DECORATOR = HeaderName.of("x-envoy-decorator-operation");

    private ResponseFinisher() {}

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
