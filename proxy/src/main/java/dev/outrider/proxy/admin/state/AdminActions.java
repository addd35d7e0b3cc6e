package dev.outrider.proxy.admin.state;

/** What an operator can make the process do. Called on the admin loop; must not block. */
public interface AdminActions {

    /** Stops accepting; {@code graceful}: connections are told to end over the drain time, else at once; perhaps inbound listeners only. */
    void drainListeners(boolean graceful, boolean inboundOnly);

    /** Fails {@code /ready} and discourages connections ({@code connection: close}, GOAWAY), or takes that back. */
    void failHealthCheck(boolean fail);

    void reopenLogs();

    /** Ends the process as SIGTERM does. */
    void quit();
}
