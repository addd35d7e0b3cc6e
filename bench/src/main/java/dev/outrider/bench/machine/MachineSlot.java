package dev.outrider.bench.machine;

import dev.outrider.bench.load.LoadReply;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.OutriderPeer;
import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.ProcFiles.Memory;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;
import dev.outrider.proxy.demo.Template;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Starts the machine's sidecar, waits until it is ready, lets it rest, saturates it and lets it rest again. One thread. */
final class MachineSlot implements Contender {

    private static final Metric READY = Metric.cost("ms from exec to ready");
    private static final Metric IDLE = Metric.cost("PSS MB idle");
    private static final Metric LOADED = Metric.cost("PSS MB right after load");
    private static final Metric RESIDENT = Metric.cost("RSS MB right after load");
    private static final Metric SETTLED = Metric.cost("PSS MB a minute after load");
    private static final Metric FAILED = Metric.cost("failed requests");

    private static final long READY_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int CONNECTIONS = 64;
    private static final double LOAD_SHARE = 5;

    private final Lab lab;
    private final OutriderPeer outrider;
    private final int services;
    private final String id;
    private @Nullable MeshProcess mesh;
    private @Nullable Credentials files;
    private @Nullable Child sidecar;

    MachineSlot(Lab lab, String id, int services) {
        this.lab = lab;
        this.id = id;
        this.services = services;
        outrider = new OutriderPeer(lab.home());
    }

    @Override
    public String name() {
        return outrider.name();
    }

    @Override
    public String missing() {
        return outrider.version().isEmpty() ? "not built: " + outrider.remedy() : "";
    }

    @Override
    public void start() {
        Credentials own = Credentials.write(lab.scratch());
        files = own;
        MeshProcess plane = MeshProcess.start(lab, id + "-mesh", services, own);
        mesh = plane;
        // A JVM too, it answers its first client late: that is not what is measured.
        launch(plane, own);
        stopSidecar();
    }

    @Override
    public void warm() {
        // Cold is what is measured.
    }

    @Override
    public Sample measure() {
        MeshProcess plane = mesh;
        Credentials own = files;
        if (plane == null || own == null) {
            throw new IllegalStateException("not started");
        }
        long began = System.nanoTime();
        Child machine = launch(plane, own);
        double millis = (System.nanoTime() - began) / 1e6;
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(lab.effort().quick() ? 1 : 10));
        Memory idle = machine.memory();
        LoadReply reply = lab.load().run(LoadSpec.saturating(
                LoadSpec.Kind.HTTP, plane.outboundPort(), CONNECTIONS, 1, lab.effort().saturationSeconds() * LOAD_SHARE));
        if (reply.failed() >= reply.completed()) {
            throw new IllegalStateException("no calls go through: " + reply);
        }
        Memory loaded = machine.memory();
        Sample sample = new Sample()
                .with(READY, millis)
                .with(IDLE, idle.pss() / 1024.0)
                .with(LOADED, loaded.pss() / 1024.0)
                .with(RESIDENT, loaded.rss() / 1024.0);
        if (!lab.effort().quick()) {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(60));
            sample.with(SETTLED, machine.memory().pss() / 1024.0);
        }
        return sample.with(FAILED, (double) reply.failed());
    }

    /** Ready when it returns. */
    private Child launch(MeshProcess plane, Credentials own) {
        int admin = lab.ports().free();
        String config = lab.file(id + ".json", Template.fill(MachineSlot.class, "bootstrap.json", Map.of(
                "admin", admin, "ads", plane.port(), "chain", own.chain(), "key", own.key(), "root", own.root())));
        Child machine = outrider.machine(lab, id, config, lab.ports().free());
        sidecar = machine;
        awaitReady(machine, admin);
        return machine;
    }

    private static void awaitReady(Child machine, int admin) {
        long deadline = System.nanoTime() + READY_LIMIT_NANOS;
        while (!ready(admin)) {
            if (!machine.alive() || System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(machine.name() + (machine.alive() ? " is not ready: " : " has ended: ") + machine.lastWords());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static boolean ready(int admin) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), admin)) {
            socket.getOutputStream().write("GET /ready HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII).endsWith(" 200");
        } catch (IOException e) {
            return false;
        }
    }

    private void stopSidecar() {
        Child running = sidecar;
        if (running != null) {
            lab.children().end(running);
            sidecar = null;
        }
    }

    @Override
    public void close() {
        stopSidecar();
        MeshProcess plane = mesh;
        if (plane != null) {
            lab.children().end(plane.child());
            mesh = null;
        }
    }
}
