package dev.outrider.proxy.identity.ca;

import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.match.StringMatcher;
import java.util.List;

/**
 * Where a CA answers and who it must be. A gateway that routes by SNI is dialled by its own address with the CA's name as {@code sni}.
 *
 * @param plaintext Istio's port 15010; a bearer token would be readable on the way
 * @param sni "" = none
 * @param names the server's certificate must carry one of them
 */
public record CaAddress(String host, int port, boolean plaintext, String sni, List<String> names) {

    List<Secret.San> sans() {
        return names.stream()
                .map(name -> new Secret.San(
                        name.contains("://") ? Secret.San.Type.URI : isAddress(name) ? Secret.San.Type.IP : Secret.San.Type.DNS,
                        new StringMatcher.Exact(name, false)))
                .toList();
    }

    static boolean isAddress(String host) {
        return host.contains(":") || host.matches("[0-9.]+");
    }

    @Override
    public String toString() {
        return isAddress(host) && host.contains(":") ? "[" + host + "]:" + port : host + ":" + port;
    }
}
