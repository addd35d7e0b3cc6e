package dev.outrider.proxy.http1;

import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpConnectionManager.Limits.Underscores;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a codec is allowed to take and how it writes. Made once per configuration; immutable.
 *
 * @param scheme of requests that name none: "http" or "https"
 * @param serverName for the {@code server} field of the codec's own error answers
 * @param upgradeTypes lower case
 * @param delayedCloseNanos how long the peer may still read after the last answer
 */
public record Http1Settings(
        String scheme,
        String serverName,
        int maxHeadBytes,
        int maxFields,
        Underscores underscores,
        boolean acceptHttp10,
        String defaultHostForHttp10,
        boolean allowAbsoluteUrl,
        boolean enableTrailers,
        boolean properCase,
        boolean allowChunkedLength,
        Set<String> upgradeTypes,
        boolean proxy100Continue,
        long delayedCloseNanos) {

    /** Envoy's limits on responses: 60 KiB and 100 fields. */
    public static final int DEFAULT_HEAD_BYTES = 60 * 1024;

    public static final int DEFAULT_FIELDS = 100;

    public static Http1Settings of(HttpConnectionManager model, boolean tls) {
        var limits = model.limits();
        var options = model.http1();
        return new Http1Settings(
                tls ? "https" : "http",
                model.serverHeader().name().isEmpty() ? "envoy" : model.serverHeader().name(),
                limits.maxRequestHeadersBytes() > 0 ? limits.maxRequestHeadersBytes() : DEFAULT_HEAD_BYTES,
                limits.maxHeadersCount() > 0 ? limits.maxHeadersCount() : DEFAULT_FIELDS,
                limits.underscores(),
                options.acceptHttp10(),
                options.defaultHostForHttp10(),
                options.allowAbsoluteUrl(),
                options.enableTrailers(),
                options.properCase(),
                options.allowChunkedLength(),
                lowerCase(model.upgradeTypes()),
                model.proxy100Continue(),
                model.timeouts().delayedCloseNanos());
    }

    /** Of connections to an upstream. */
    public static Http1Settings of(Cluster.HttpProtocolOptions options) {
        return new Http1Settings(
                "http", "", DEFAULT_HEAD_BYTES, DEFAULT_FIELDS, Underscores.ALLOW, true, "", true, options.enableTrailers(), false, false,
                Set.copyOf(List.of()), true, 0);
    }

    private static Set<String> lowerCase(Collection<String> names) {
        Set<String> all = new HashSet<>();
        for (String name : names) {
            all.add(name.toLowerCase(Locale.ROOT));
        }
        return Set.copyOf(all);
    }
}
