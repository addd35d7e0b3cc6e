package dev.outrider.bench.peer;

import dev.outrider.bench.round.Lab;
import dev.outrider.proxy.demo.DemoAuthority;

/** Files of one run's authority: its root, and a P-256 workload certificate that both ends of a pair use. */
public record Credentials(String root, String chain, String key, String bundle) {

    public static Credentials write(Lab lab) {
        DemoAuthority authority = new DemoAuthority("cluster.local");
        DemoAuthority.Issued issued = authority.issue("spiffe://cluster.local/ns/default/sa/bench", "bench.example");
        return new Credentials(
                lab.file("root.pem", authority.rootPem()),
                lab.file("chain.pem", issued.chainPem()),
                lab.file("key.pem", issued.keyPem()),
                lab.file("bundle.pem", issued.chainPem() + issued.keyPem()));
    }
}
