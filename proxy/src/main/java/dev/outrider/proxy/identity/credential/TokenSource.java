package dev.outrider.proxy.identity.credential;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives the bearer token that counts now. */
public interface TokenSource {

    /** Null when there is none; throws when there ought to be one. Never an empty token. */
    @Nullable Token token() throws CredentialException;

    /** The token without waiting for anything but a file: null when that is not possible now. Any thread. */
    default @Nullable Token remembered() throws CredentialException {
        return token();
    }

    /** Files that it reads: another content may be worth another try. */
    default List<Path> files() {
        return List.of();
    }

    /** Where it comes from, in words. */
    String described();
}
