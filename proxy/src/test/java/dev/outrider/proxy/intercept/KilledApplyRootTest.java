package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.tool.SystemRuleRunner;
import dev.outrider.xds.model.Cidr;
import io.netty.util.NetUtil;
import io.netty.util.internal.logging.InternalLogger;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** SIGKILL while rules are being applied, at moments spread over the whole of it: what is removed at once afterwards is gone, and stays so. */
@Tag("root")
class KilledApplyRootTest {

    /** Milliseconds between one moment and the next; together they reach beyond the end of an apply. */
    private static final int STEP = 9;

    private static final int MOMENTS = 16;

    @TempDir
    Path state;

    @ParameterizedTest
    @ValueSource(strings = {"nft", "iptables"})
    void nothingOfItIsLeft(String backend) throws Exception {
        try (var namespaces = new Namespaces()) {
            String before = namespaces.kernelState();
            for (int moment = 0; moment < MOMENTS; moment++) {
                Path directory = state.resolve(backend + moment);
                killedAfter(moment * STEP, directory, namespaces.machine, backend);
                new Interceptor(Namespaces.runner(namespaces.machine, new SystemRuleRunner(directory)), directory)
                        .remove(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
                assertEquals(before, namespaces.kernelState(), "killed after " + moment * STEP + " ms");
            }
        }
    }

    private static void killedAfter(int millis, Path directory, String namespace, String backend) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String classes = Stream.of(DoomedApply.class, Interceptor.class, Cidr.class, NetUtil.class, InternalLogger.class)
                .map(KilledApplyRootTest::origin).distinct().collect(Collectors.joining(":"));
        Process apply = new ProcessBuilder(List.of(
                        java.toString(), "-XX:TieredStopAtLevel=1", "-cp", classes, DoomedApply.class.getName(), directory.toString(), namespace, "transparent-dual", backend))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var said = new BufferedReader(new InputStreamReader(apply.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("ready", said.readLine());
            apply.getOutputStream().write('\n');
            apply.getOutputStream().flush();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        } finally {
            apply.destroyForcibly().waitFor();
        }
        assertTrue(Set.of(0, 128 + 9).contains(apply.exitValue()), "ended by itself with " + apply.exitValue());
    }

    private static String origin(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation().getPath();
    }
}
