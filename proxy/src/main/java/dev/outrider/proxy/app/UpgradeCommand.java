package dev.outrider.proxy.app;

import dev.outrider.proxy.app.sidecar.StartupException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider upgrade}: a new process takes the running one's sockets; this command ends when it serves. The unit's ExecReload=. */
@Command(description = "Replaces the running sidecar by a new process without refusing a connection; the old one drains.")
final class UpgradeCommand implements Callable<Integer> {

    private static final int PATIENCE_SECONDS = 40;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Override
    public Integer call() throws StartupException {
        Map<String, String> environment = System.getenv();
        try {
            // Only the unit's own reload runs as the service, in its sandbox.
            return environment.containsKey("RUNTIME_DIRECTORY") ? replace(environment)
                    : new ProcessBuilder("systemctl", "reload", "outrider.service").inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static int replace(Map<String, String> environment) throws IOException, InterruptedException {
        Path path = ServiceLife.handOverPath(environment);
        Path launcher = Path.of(System.getProperty("outrider.home", "/usr/lib/outrider"), "bin", "outrider");
        try (SocketChannel running = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            running.connect(UnixDomainSocketAddress.of(path));
            running.write(ByteBuffer.wrap("watch\n".getBytes(StandardCharsets.UTF_8)));
            // A process whose parent is not init is none that systemd can wait for, and it would kill it instead of ending it.
            new ProcessBuilder("setsid", "--fork", launcher.toString(), "run", "--take-over").inheritIO().start().waitFor();
            var patience = CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            patience.execute(() -> close(running));
            ByteBuffer answer = ByteBuffer.allocate(16);
            if (running.read(answer) > 0 && answer.get(0) == 'd') {
                return 0;
            }
            System.err.println("outrider upgrade: the new process did not take over and has said why; the running one serves on");
        } catch (ClosedChannelException e) {
            System.err.println("outrider upgrade: the new process was not ready within " + PATIENCE_SECONDS + " s; the running one serves on");
        }
        return 1;
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            System.err.println("outrider upgrade: " + e.getMessage());
        }
    }
}
