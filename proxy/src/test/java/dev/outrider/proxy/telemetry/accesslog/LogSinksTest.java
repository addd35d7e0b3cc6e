package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.AccessLog;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LogSinksTest {

    private static final long NEVER_MILLIS = 1 << 30;

    @TempDir
    private Path scratch;

    private final Stats stats = new Stats();

    private static LogContext stream(String route) {
        DownstreamConnection connection = new DownstreamConnection(
                1, new EmbeddedChannel(), new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2), null);
        StreamInfo info = new StreamInfo(connection);
        info.routeName = route;
        return new LogContext(info);
    }

    private static AccessLogs logs(Path file, LogSinks sinks) {
        AccessLog.Format format = new AccessLog.Format.Text("%ROUTE_NAME%\n", false);
        return AccessLogs.compile(List.of(new AccessLog(new AccessLog.Sink.File(file.toString(), format), new AccessLog.Filter.Always())), sinks);
    }

    @Test
    void linesOfSeveralThreadsReachTheFileWhole() throws IOException, InterruptedException {
        Path file = scratch.resolve("log");
        int each = 2_000;
        try (LogSinks sinks = new LogSinks(stats, NEVER_MILLIS)) {
            AccessLogs logs = logs(file, sinks);
            Thread[] loops = new Thread[3];
            for (int t = 0; t < loops.length; t++) {
                LogContext context = stream("route-of-thread-" + t);
                loops[t] = new Thread(() -> {
                    for (int i = 0; i < each; i++) {
                        logs.log(context);
                    }
                });
                loops[t].start();
            }
            for (Thread loop : loops) {
                loop.join();
            }
        }
        List<String> lines = Files.readAllLines(file);
        assertEquals(3 * each, lines.size());
        assertTrue(lines.stream().allMatch(l -> l.matches("route-of-thread-[012]")));
        assertEquals(0, stats.counter("filesystem.write_dropped").value());
    }

    @Test
    void aLineLongerThanTheWayIsDroppedAndCounted() throws IOException {
        Path file = scratch.resolve("log");
        try (LogSinks sinks = new LogSinks(stats, NEVER_MILLIS)) {
            AccessLogs logs = logs(file, sinks);
            logs.log(stream("x".repeat(1 << 20)));
            logs.log(stream("short"));
        }
        assertEquals(List.of("short"), Files.readAllLines(file));
        assertEquals(1, stats.counter("filesystem.write_dropped").value());
    }
}
