package dev.outrider.proxy.intercept.tool;

import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.RuleRunner.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(60)
class SystemRuleRunnerTest {

    @TempDir
    Path state;

    @Test
    void aChangeReadsItsInputWholeAndSaysHowItEnded() throws Exception {
        String input = "go\nline\n".repeat(20_000);
        Result result = new SystemRuleRunner(state).change(List.of("sh", "-c", "cat; echo refused >&2; exit 3"), input);
        assertEquals(input, result.out());
        assertEquals("refused\n", result.err());
        assertEquals(3, result.exit());
    }

    /** What is killed before it has given its word has changed nothing. */
    @Test
    void withoutItsCallersWordAToolDoesNotStart() throws Exception {
        Path changed = state.resolve("changed");
        Process caller = doomed("kill -9 $PPID; touch " + changed);
        // The tool, started on the caller's word, kills it and goes on: the other half of the rule.
        assertEquals(128 + 9, caller.waitFor());
        new SystemRuleRunner(state).awaitOrphans();
        assertTrue(Files.exists(changed));

        Process gate = new ProcessBuilder("/bin/sh", "-c", SystemRuleRunner.GATE, "sh", state.resolve("tools").toString(), "/usr/bin/touch", state.resolve("never").toString())
                .start();
        assertEquals('\n', gate.getInputStream().read());
        gate.getOutputStream().close();
        assertEquals(1, gate.waitFor());
        assertFalse(Files.exists(state.resolve("never")));
    }

    @Test
    void theNextCommandComesAfterTheToolThatAKilledOneLeft() throws Exception {
        Path started = state.resolve("started");
        Path go = state.resolve("go");
        Path done = state.resolve("done");
        Process caller = doomed("touch " + started + "; while [ ! -e " + go + " ]; do sleep 0.05; done; touch " + done);
        await(() -> Files.exists(started));
        caller.destroyForcibly().waitFor();

        CompletableFuture<Boolean> after = CompletableFuture.supplyAsync(() -> {
            try {
                new SystemRuleRunner(state).awaitOrphans();
            } catch (RuleException e) {
                throw new IllegalStateException(e);
            }
            return Files.exists(done);
        });
        await(SystemRuleRunnerTest::someoneWaits);
        assertFalse(after.isDone());
        Files.createFile(go);
        assertTrue(after.get(), "the next command went on before the orphan had ended");
    }

    @Test
    void aToolThatIsMissingIsNamed() {
        RuleException missing = assertThrows(RuleException.class, () -> new SystemRuleRunner(state).change(List.of("no-such-tool"), ""));
        assertEquals("no-such-tool is not installed", missing.getMessage());
    }

    /** proc_locks(5): a waiter stands behind an arrow. */
    private static boolean someoneWaits() {
        try {
            return Files.readAllLines(Path.of("/proc/locks")).stream().anyMatch(line -> line.contains("-> FLOCK"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, "never came true");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private static String origin(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation().getPath();
    }

    private Process doomed(String script) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String classes = origin(DoomedCaller.class) + ":" + origin(SystemRuleRunner.class);
        return new ProcessBuilder(java.toString(), "-cp", classes, DoomedCaller.class.getName(), state.toString(), script)
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }
}
