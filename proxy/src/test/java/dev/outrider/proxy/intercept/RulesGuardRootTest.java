package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.guard.RulesGuard;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

/** The guard against a real kernel. */
@Tag("root")
class RulesGuardRootTest {
    /** Before the watch without notices would come round to it by chance; the five seconds promised to operators are measured on the booted machine. */
    private static final int SECONDS = 20;

    @TempDir
    private Path directory;

    /** Hands on each line that is printed. */
    private static final class Lines extends PrintStream {
        private final LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();

        Lines() {
            super(OutputStream.nullOutputStream());
        }

        @Override
        public void println(String line) {
            said.add(line);
        }
    }

    @ParameterizedTest
    @CsvSource({"nft, true, nft flush ruleset", "nft, false, nft delete table inet outrider", "iptables, true, iptables -t nat -F", "iptables, false, iptables -t nat -F"})
    void aFlushIsRepaired(String backend, boolean watched, String flush) throws Exception {
        try (Namespaces spaces = new Namespaces()) {
            RuleRunner runner = spaces.runner();
            Interceptor interceptor = new Interceptor(runner, directory.resolve("state"));
            Lines out = new Lines();
            interceptor.apply(Cases.plan("page"), backend, out);
            out.said.clear();
            List<String> monitor = watched ? List.of("ip", "netns", "exec", spaces.machine, "nft", "monitor", "ruleset") : List.of();
            Thread guard = Thread.ofPlatform().start(() -> {
                try {
                    new RulesGuard(interceptor, directory.resolve("run/guard"), monitor, out).run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            assertEquals(0, runner.run(List.of(flush.split(" ", -1)), "").exit());
            assertNotNull(out.said.poll(SECONDS, TimeUnit.SECONDS), "not repaired in " + SECONDS + " s");
            assertEquals(0, interceptor.verify(out));
            guard.interrupt();
            guard.join();
        }
    }
}
