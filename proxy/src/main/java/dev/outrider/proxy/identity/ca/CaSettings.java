package dev.outrider.proxy.identity.ca;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How certificates are asked for.
 *
 * @param addresses tried in order at each attempt until one of them answers
 * @param roots file with what the CA's own certificate must chain to, read at each attempt; null = the system's roots
 * @param spiffeId asked for; istiod answers with the one it authenticated
 * @param life asked for
 * @param clusterId sent as {@code ClusterID}; "" = not sent
 * @param certSigner Istio's ISTIO_META_CERT_SIGNER; "" = not sent
 * @param headers more request metadata (CA_HEADER_x)
 */
public record CaSettings(
        List<CaAddress> addresses,
        @Nullable Path roots,
        String spiffeId,
        KeyKind keyKind,
        Duration life,
        String clusterId,
        String certSigner,
        Map<String, String> headers) {}
