package dev.outrider.proxy.app.sidecar;

import io.netty.handler.ssl.OpenSsl;

/** What the process calls itself, in the form of Envoy's version text: revision, version, state, build, TLS library. */
public final class Version {

    public static final String NUMBER = "0.1.0";

    private Version() {}

    public static String text() {
        return NUMBER + "/Clean/RELEASE/" + (OpenSsl.isAvailable() ? "BoringSSL" : "JDK");
    }
}
