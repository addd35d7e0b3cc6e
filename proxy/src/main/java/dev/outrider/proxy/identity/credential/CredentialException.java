package dev.outrider.proxy.identity.credential;

/** Why a credential cannot be used: one line that names it and the remedy, never its content. */
public final class CredentialException extends Exception {

    private static final long serialVersionUID = 1L;

    public CredentialException(String message) {
        super(message, null, false, false);
    }
}
