package dev.outrider.bench.peer;

import dev.outrider.proxy.demo.DemoAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of one run's authority: its root, and a P-256 workload certificate that both ends of a pair use. */
public record Credentials(String root, String chain, String key, String bundle) {

    public static Credentials write(Path directory) {
        DemoAuthority authority = new DemoAuthority("cluster.local");
        DemoAuthority.Issued issued = authority.issue("spiffe://cluster.local/ns/default/sa/bench", "bench.example");
        try {
            return new Credentials(
                    Files.writeString(directory.resolve("root.pem"), authority.rootPem()).toString(),
                    Files.writeString(directory.resolve("chain.pem"), issued.chainPem()).toString(),
                    Files.writeString(directory.resolve("key.pem"), issued.keyPem()).toString(),
                    Files.writeString(directory.resolve("bundle.pem"), issued.chainPem() + issued.keyPem()).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
