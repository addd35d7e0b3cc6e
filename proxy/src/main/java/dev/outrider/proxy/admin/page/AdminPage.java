package dev.outrider.proxy.admin.page;

/** One URL. {@link #serve} runs on the admin loop, unless it {@link #waits}. */
public interface AdminPage {

    String path();

    /** Line for {@code /help}. */
    String purpose();

    /** Whether it changes something: then POST is required. */
    default boolean mutates() {
        return false;
    }

    /**
     * Whether any Host header will do. Only for what a listener may proxy to here under the machine's own names (Istio's 15090 and 15021) and
     * what holds nothing worth a DNS-rebinding attack.
     */
    default boolean anyHost() {
        return false;
    }

    /** Whether only this machine may ask, on a socket that others reach. */
    default boolean loopbackOnly() {
        return false;
    }

    /** Whether {@link #serve} waits for others: it then runs on a thread of its own. */
    default boolean waits() {
        return false;
    }

    AdminResponse serve(AdminRequest request);
}
