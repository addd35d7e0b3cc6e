package dev.outrider.proxy.identity.ca;

import dev.outrider.xds.model.Secret;
import org.jspecify.annotations.Nullable;

/**
 * What we show a CA; both when both are there, because istiod takes the first that it likes and other CAs know only the token.
 *
 * @param token bearer token
 * @param certificate client certificate that is still valid
 * @param described both in words, for error lines ("token /var/run/…, expired since …")
 */
public record CaCredentials(@Nullable String token, Secret.@Nullable Certificate certificate, String described) {

    /** Without the token. */
    @Override
    public String toString() {
        return described;
    }
}
