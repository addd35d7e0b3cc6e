package dev.outrider.proxy.identity.credential;

import org.jspecify.annotations.Nullable;

/** Gives the bearer token that counts now. */
public interface TokenSource {

    /** Null when there is none; throws when there ought to be one. Never an empty token. */
    @Nullable Token token() throws CredentialException;

    /** Where it comes from, in words. */
    String described();
}
