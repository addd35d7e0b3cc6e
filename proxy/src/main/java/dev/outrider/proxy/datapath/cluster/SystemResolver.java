package dev.outrider.proxy.datapath.cluster;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The machine's own resolver (getaddrinfo) on at most two threads, which end when idle. Names the machine's hosts file and search list
 * as every other program of the machine does; it knows no TTL.
 */
public final class SystemResolver implements HostResolver {

    /** One slow name must not hold up the others for ever, yet a mesh of many names must not start many threads. */
    private static final int THREADS = 2;

    private static final int WAITING = 10_000;

    private final ThreadPoolExecutor executor;

    public SystemResolver() {
        executor = new ThreadPoolExecutor(
                THREADS, THREADS, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(WAITING), r -> {
                    Thread thread = new Thread(r, "outrider-resolve");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public CompletionStage<Answer> resolve(String host) {
        try {
            return CompletableFuture.supplyAsync(() -> lookup(host), executor);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static Answer lookup(String host) {
        try {
            return new Answer(List.of(InetAddress.getAllByName(host)), 0);
        } catch (UnknownHostException e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
