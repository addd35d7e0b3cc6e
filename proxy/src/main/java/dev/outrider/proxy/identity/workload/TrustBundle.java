package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.Pem;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The roots that peers may chain to: those the operator put on disk, those the CA hands out, and for one certificate life those that the CA handed out
 * before, because peers still show certificates of theirs. Identity thread.
 */
final class TrustBundle {

    private Set<X509Certificate> configured = Set.of();
    private Set<X509Certificate> issued = Set.of();
    private final Map<X509Certificate, Instant> retired = new LinkedHashMap<>();

    void configure(List<X509Certificate> roots) {
        configured = new LinkedHashSet<>(roots);
    }

    /** True when the CA hands out other roots than before. {@code overlapUntil}: how long the former ones count. */
    boolean issue(List<X509Certificate> roots, Instant overlapUntil) {
        Set<X509Certificate> now = new LinkedHashSet<>(roots);
        boolean other = !issued.isEmpty() && !issued.equals(now);
        issued.forEach(root -> retired.put(root, overlapUntil));
        now.forEach(retired::remove);
        issued = now;
        return other;
    }

    /** True when former roots ceased to count. */
    boolean expire(Instant now) {
        return retired.values().removeIf(until -> !until.isAfter(now));
    }

    /** PEM of all that count, each once; "" = none. */
    String pem() {
        Set<X509Certificate> all = new LinkedHashSet<>(configured);
        all.addAll(issued);
        all.addAll(retired.keySet());
        return Pem.text(new ArrayList<>(all));
    }
}
