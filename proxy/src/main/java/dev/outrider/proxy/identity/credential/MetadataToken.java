package dev.outrider.proxy.identity.credential;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * A JWT from the cloud's metadata server at a fixed link-local address, as Istio's GoogleComputeEngine credential does. Plaintext, as it has to be, hence no
 * redirect and no proxy is followed. Blocks: wrap it in a {@link RefreshedToken}.
 */
public record MetadataToken(URI address) implements TokenSource {

    private static final int LIMIT_MILLIS = 5_000;

    /** {@code server}: http://169.254.169.254 but for tests. */
    public static MetadataToken googleComputeEngine(String server, String audience) {
        try {
            return new MetadataToken(new URI(server + "/computeMetadata/v1/instance/service-accounts/default/identity?format=full&audience="
                    + URLEncoder.encode(audience, StandardCharsets.UTF_8)));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + server + "' is no address of a metadata server", e);
        }
    }

    @Override
    public Token token() throws CredentialException {
        try {
            HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
            connection.setRequestProperty("Metadata-Flavor", "Google");
            connection.setInstanceFollowRedirects(false);
            connection.setConnectTimeout(LIMIT_MILLIS);
            connection.setReadTimeout(LIMIT_MILLIS);
            try {
                if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                    throw new CredentialException(described() + " answered " + connection.getResponseCode() + ": does this machine have a service account?");
                }
                try (var in = connection.getInputStream()) {
                    return Token.of(new String(in.readNBytes(Token.MAX_LENGTH + 2), StandardCharsets.ISO_8859_1), "what " + described() + " gives");
                }
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            throw new CredentialException(described() + " cannot be asked (" + e.getMessage() + "): is this a Google Compute Engine machine?");
        }
    }

    @Override
    public String described() {
        return "metadata server " + address.getAuthority();
    }
}
