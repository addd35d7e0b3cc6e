package dev.outrider.proxy.datapath.protocol.head;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.xds.model.HttpConnectionManager.Forwarding;
import dev.outrider.xds.model.HttpConnectionManager.Xfcc;
import dev.outrider.xds.model.HttpConnectionManager.XfccParts;
import org.jspecify.annotations.Nullable;

/** x-forwarded-client-cert. One per connection: its element is made once, as the certificates do not change. Loop-confined. */
public final class XfccHeader {

    private final Xfcc mode;
    private final @Nullable String element;

    public XfccHeader(Forwarding forwarding, @Nullable TlsPeer peer) {
        mode = peer != null && peer.presented() || forwarding.xfcc() == Xfcc.ALWAYS_FORWARD_ONLY ? forwarding.xfcc() : Xfcc.SANITIZE;
        element = peer != null && (mode == Xfcc.APPEND_FORWARD || mode == Xfcc.SANITIZE_SET) ? element(peer, forwarding.xfccParts()) : null;
    }

    public void apply(Headers headers) {
        switch (mode) {
            case SANITIZE -> headers.remove(HeaderName.X_FORWARDED_CLIENT_CERT);
            case FORWARD_ONLY, ALWAYS_FORWARD_ONLY -> {}
            case APPEND_FORWARD -> {
                String there = headers.joined(HeaderName.X_FORWARDED_CLIENT_CERT);
                headers.set(HeaderName.X_FORWARDED_CLIENT_CERT, there == null || there.isEmpty() ? text() : there + "," + text());
            }
            case SANITIZE_SET -> headers.set(HeaderName.X_FORWARDED_CLIENT_CERT, text());
        }
    }

    private String text() {
        return element == null ? "" : element;
    }

    private static String element(TlsPeer peer, XfccParts parts) {
        StringBuilder text = new StringBuilder();
        for (String by : peer.localUriSans()) {
            text.append("By=").append(by).append(';');
        }
        text.append("Hash=").append(peer.sha256());
        if (parts.cert()) {
            text.append(";Cert=\"").append(peer.pemEncoded()).append('"');
        }
        if (parts.chain()) {
            text.append(";Chain=\"").append(peer.chainPemEncoded()).append('"');
        }
        if (parts.subject()) {
            text.append(";Subject=\"").append(peer.subject()).append('"');
        }
        if (parts.uri()) {
            text.append(";URI=").append(peer.identity());
            for (int i = 1; i < peer.uriSans().size(); i++) {
                text.append(";URI=").append(peer.uriSans().get(i));
            }
        }
        if (parts.dns()) {
            for (String dns : peer.dnsSans()) {
                text.append(";DNS=").append(dns);
            }
        }
        return text.toString();
    }
}
