package dev.outrider.xds.model;

import java.util.List;
import java.util.Map;

/** istio.networking.nds.v1.NameTable: host (lower case, without trailing dot; may begin with {@code *.}) to its row. */
public record NameTable(Map<String, Row> rows) {

    public static final NameTable EMPTY = new NameTable(Map.of());

    /** {@code registry}: "Kubernetes", "External" …; short forms exist for Kubernetes hosts only. */
    public record Row(List<String> ips, String registry, String shortName, String namespace, List<String> altHosts) {}
}
