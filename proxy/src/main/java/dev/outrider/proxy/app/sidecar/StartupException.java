package dev.outrider.proxy.app.sidecar;

/** Why the process cannot start, in one line that names the thing and the remedy. No stack trace: it is told to an operator. */
public final class StartupException extends Exception {

    private static final long serialVersionUID = 1L;

    public StartupException(String message) {
        super(message, null, false, false);
    }
}
