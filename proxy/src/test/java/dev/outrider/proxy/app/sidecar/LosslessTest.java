package dev.outrider.proxy.app.sidecar;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the control plane does never costs a request. Each answer is checked, none is repeated. */
@Timeout(120)
final class LosslessTest {

    private static final int CLIENTS = 8;

    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private int edition;
    private volatile boolean enough;

    @Test
    void tenThousandRequestsWhileTheConfigurationIsSwappedTwoHundredTimes() throws Exception {
        try (var mesh = new TestMesh(); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> clients = start(mesh, threads);
            for (int n = 2; n <= 201; n++) {
                swap(mesh, n);
            }
            awaitAnswers(10_000, clients);
            finish(clients);
            assertTrue(answered.get() >= 10_000, () -> answered + " requests");
            assertTrue(connections.get() > CLIENTS, "listeners that change end their connections");
            assertTrue(connections.get() < answered.get() / 10, () -> "keep-alive, yet " + connections + " connections");
        }
    }

    @Test
    void theControlPlaneDiesAndComesBackUnderLoad() throws Exception {
        try (var mesh = new TestMesh(); ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> clients = start(mesh, threads);
            int port = mesh.controlPlane.port();
            for (int n = 2; n <= 4; n++) {
                mesh.controlPlane.kill();
                awaitAnswers(answered.get() + 500, clients);
                // What it comes back with is new: the same stream brings clusters, and routes to them, before their endpoints are asked for.
                mesh.publish(n);
                mesh.controlPlane.restart(port);
                awaitEdition(mesh, n);
                awaitAnswers(answered.get() + 500, clients);
            }
            finish(clients);
        }
    }

    private List<Future<Void>> start(TestMesh mesh, ExecutorService threads) {
        List<Future<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            String name = "/client-" + i + "/";
            clients.add(threads.submit(() -> {
                try (var http = new RawHttp(mesh.address("out"))) {
                    for (int n = 0; !enough; n++) {
                        ask(http, name + n);
                    }
                    connections.addAndGet(http.connections);
                }
                return null;
            }));
        }
        return clients;
    }

    private void ask(RawHttp http, String path) throws Exception {
        RawHttp.Answer answer = http.get(path);
        assertEquals(200, answer.status(), () -> path + ": " + answer);
        assertEquals(path, answer.body());
        answered.incrementAndGet();
        synchronized (this) {
            edition = Math.max(edition, Integer.parseInt(answer.headers().get("x-out")));
            notifyAll();
        }
    }

    private void swap(TestMesh mesh, int n) throws Exception {
        mesh.publish(n);
        awaitEdition(mesh, n);
    }

    /** Asks until an answer shows it: these requests may not be lost either. */
    private void awaitEdition(TestMesh mesh, int n) throws Exception {
        try (var http = new RawHttp(mesh.address("out"))) {
            while (seen() < n) {
                ask(http, "/probe/" + n);
            }
        }
    }

    private synchronized int seen() {
        return edition;
    }

    private synchronized void awaitAnswers(int wanted, List<Future<Void>> clients) throws Exception {
        while (answered.get() < wanted) {
            for (Future<Void> client : clients) {
                if (client.isDone()) {
                    client.get();
                }
            }
            wait(TimeUnit.SECONDS.toMillis(1));
        }
    }

    private void finish(List<Future<Void>> clients) throws Exception {
        enough = true;
        for (Future<Void> client : clients) {
            client.get(20, TimeUnit.SECONDS);
        }
    }
}
