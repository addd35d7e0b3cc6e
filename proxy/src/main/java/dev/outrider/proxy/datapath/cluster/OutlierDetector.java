package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Gauge;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Cluster.OutlierDetection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Passive health checks by consecutive failures (envoy.config.cluster.v3.OutlierDetection; success-rate and failure-percentage ejection,
 * which istiod never asks for, are left out). Results come from any loop; {@link #sweep} runs every interval on the control loop and lets
 * hosts back in. At least one host's share must fit under {@code max_ejection_percent}, as in Envoy without always_eject_one_host.
 */
final class OutlierDetector {

    private final OutlierDetection config;
    private final IntSupplier hostCount;
    private final Runnable healthChanged;
    private final LongSupplier nanoClock;
    private final ConcurrentHashMap<Host, Record> records = new ConcurrentHashMap<>();
    private final AtomicInteger active = new AtomicInteger();
    private final Gauge ejectionsActive;
    private final Counter enforced;
    private final Counter overflow;
    private final Kind serverErrors;
    private final Kind gatewayErrors;
    private final Kind localErrors;

    /** One kind of failure: how many in a row, how often that is acted on, and its counts. */
    private record Kind(int limit, int enforcing, Counter detected, Counter enforced) {}

    private static final class Record {
        final AtomicInteger server = new AtomicInteger();
        final AtomicInteger gateway = new AtomicInteger();
        final AtomicInteger local = new AtomicInteger();
        int ejections;
        long ejectedAt;

        void clear() {
            server.set(0);
            gateway.set(0);
            local.set(0);
        }
    }

    OutlierDetector(
            OutlierDetection config, String prefix, Stats stats, IntSupplier hostCount, Runnable healthChanged, LongSupplier nanoClock) {
        this.config = config;
        this.hostCount = hostCount;
        this.healthChanged = healthChanged;
        this.nanoClock = nanoClock;
        String name = prefix + "outlier_detection.ejections_";
        ejectionsActive = stats.gauge(name + "active");
        enforced = stats.counter(name + "enforced_total");
        overflow = stats.counter(name + "overflow");
        serverErrors = kind(stats, name, "consecutive_5xx", config.consecutive5xx(), config.enforcingConsecutive5xx());
        gatewayErrors = kind(
                stats, name, "consecutive_gateway_failure", config.consecutiveGatewayFailure(), config.enforcingConsecutiveGatewayFailure());
        localErrors = kind(
                stats, name, "consecutive_local_origin_failure", config.consecutiveLocalOriginFailure(),
                config.enforcingConsecutiveLocalOriginFailure());
    }

    private static Kind kind(Stats stats, String name, String what, int limit, int enforcing) {
        return new Kind(limit, enforcing, stats.counter(name + "detected_" + what), stats.counter(name + "enforced_" + what));
    }

    long intervalNanos() {
        return config.intervalNanos();
    }

    /** {@code status} -1: a failure of local origin. */
    void report(Host host, int status) {
        boolean good = status >= 0 && status < 500;
        Record record = records.get(host);
        if (record == null) {
            if (good) {
                return;
            }
            record = records.computeIfAbsent(host, h -> new Record());
        }
        if (status < 0 && config.splitExternalLocalOriginErrors()) {
            count(host, record, record.local, localErrors);
            return;
        }
        record.local.set(0);
        if (good) {
            record.clear();
            return;
        }
        count(host, record, record.server, serverErrors);
        if (status < 0 || (status >= 502 && status <= 504)) {
            count(host, record, record.gateway, gatewayErrors);
        } else {
            record.gateway.set(0);
        }
    }

    private void count(Host host, Record record, AtomicInteger failures, Kind kind) {
        if (kind.limit <= 0 || failures.incrementAndGet() < kind.limit || host.ejected()) {
            return;
        }
        failures.set(0);
        kind.detected.inc();
        if (ThreadLocalRandom.current().nextInt(100) < kind.enforcing) {
            eject(host, record, kind);
        }
    }

    private void eject(Host host, Record record, Kind kind) {
        synchronized (this) {
            int total = hostCount.getAsInt();
            if (host.ejected()) {
                return;
            }
            if (total == 0 || (active.get() + 1) * 100L > (long) config.maxEjectionPercent() * total) {
                overflow.inc();
                return;
            }
            record.ejections++;
            record.ejectedAt = nanoClock.getAsLong();
            host.eject(true);
            ejectionsActive.set(active.incrementAndGet());
        }
        enforced.inc();
        kind.enforced.inc();
        healthChanged.run();
    }

    /** Lets hosts back in whose time is over; the memory of past ejections fades by one an interval of good health. */
    void sweep() {
        boolean changed = false;
        synchronized (this) {
            long now = nanoClock.getAsLong();
            for (var entry : records.entrySet()) {
                Record record = entry.getValue();
                if (!entry.getKey().ejected()) {
                    record.ejections = Math.max(0, record.ejections - 1);
                    continue;
                }
                long most = Math.max(config.baseEjectionNanos(), config.maxEjectionNanos());
                long length = Math.min(config.baseEjectionNanos() * record.ejections, most);
                if (now - record.ejectedAt >= length) {
                    readmit(entry.getKey());
                    record.clear();
                    changed = true;
                }
            }
        }
        if (changed) {
            healthChanged.run();
        }
    }

    private void readmit(Host host) {
        host.eject(false);
        ejectionsActive.set(active.decrementAndGet());
    }

    /** The host has left the cluster. */
    synchronized void forget(Host host) {
        records.remove(host);
        if (host.ejected()) {
            readmit(host);
        }
    }
}
