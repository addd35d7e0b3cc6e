package dev.outrider.proxy.app;

import dev.outrider.proxy.app.sidecar.StartupException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider upgrade}: a new process takes the running one's sockets; this command ends when it serves. The unit's ExecReload=. */
@Command(description = "Replaces the running sidecar by a new process without refusing a connection; the old one drains.")
final class UpgradeCommand implements Callable<Integer> {

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
            Process next = new ProcessBuilder(List.of(launcher.toString(), "run", "--take-over")).inheritIO().start();
            next.onExit().thenRun(() -> close(running));
            if (running.read(ByteBuffer.allocate(16)) > 0) {
                System.out.println("outrider: process " + next.pid() + " serves");
                return 0;
            }
        } catch (java.nio.channels.ClosedChannelException e) {
            // The new process has ended and has said why; the old one goes on.
            return 1;
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
