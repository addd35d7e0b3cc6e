package dev.outrider.proxy.demo;

import java.util.List;

/**
 * The services of the demo's mesh, named as in Bookinfo. Each has a service address (where its callers' sidecar listens, as in Istio's capture
 * mode NONE) and pods (where its own sidecar listens), all in 127/8.
 */
enum DemoService {
    PRODUCTPAGE("productpage", "bookinfo-productpage", 11, false, List.of("v1")),
    DETAILS("details", "bookinfo-details", 12, false, List.of("v1")),
    REVIEWS("reviews", "bookinfo-reviews", 13, false, List.of("v1", "v2", "v3")),
    RATINGS("ratings", "bookinfo-ratings", 14, false, List.of("v1")),
    MYSQLDB("mysqldb", "bookinfo-mysqldb", 16, true, List.of("v1")),
    /** The one that runs on the machine and is called from the cluster. */
    VMHTTP("vmhttp", "vmhttp", 15, false, List.of("v1"));

    static final String DOMAIN = ".default.svc.cluster.local";

    /** One instance. */
    record Pod(DemoService service, String version, String address) {

        String workload() {
            return service.label + "-" + version;
        }
    }

    private final String label;
    private final String account;
    private final int number;
    private final boolean tcp;
    private final List<String> versions;

    DemoService(String label, String account, int number, boolean tcp, List<String> versions) {
        this.label = label;
        this.account = account;
        this.number = number;
        this.tcp = tcp;
        this.versions = versions;
    }

    String label() {
        return label;
    }

    String host() {
        return label + DOMAIN;
    }

    String account() {
        return account;
    }

    String identity() {
        return identity(account);
    }

    static String identity(String account) {
        return "spiffe://cluster.local/ns/default/sa/" + account;
    }

    boolean tcp() {
        return tcp;
    }

    boolean onMachine() {
        return this == VMHTTP;
    }

    List<String> versions() {
        return versions;
    }

    int port(DemoPorts ports) {
        if (tcp) {
            return ports.mysql();
        }
        return onMachine() ? ports.machineHttp() : ports.http();
    }

    /** Istio's name of the cluster; an empty subset is the whole service. */
    String cluster(DemoPorts ports, String subset) {
        return "outbound|" + port(ports) + "|" + subset + "|" + host();
    }

    String sni(DemoPorts ports, String subset) {
        return "outbound_." + port(ports) + "_." + subset + "_." + host();
    }

    String serviceAddress() {
        return "127.30.0." + number;
    }

    List<Pod> pods() {
        return versions.stream().map(v -> new Pod(this, v, "127.31." + v.substring(1) + "." + number)).toList();
    }
}
