package dev.outrider.bench.peer;

import java.util.List;

/**
 * What one proxy process is configured for, whoever it is.
 *
 * @param adminPort for those that have an admin endpoint
 * @param features what is switched on beyond forwarding
 */
public record ProxyPlan(String name, List<Hop> hops, int adminPort, Features features) {

    /**
     * @param meshFilters Istio's default HTTP filters, which only Outrider and Istio's build of Envoy have
     * @param jsonLog a JSON access log of Istio's fields, to a file
     * @param clusters clusters beside those in use, each with a virtual host
     */
    public record Features(boolean meshFilters, boolean jsonLog, int clusters) {

        public static final Features NONE = new Features(false, false, 0);
    }

    /** The listener of a plan with one hop. */
    public int port() {
        return hops.getFirst().listenPort();
    }
}
