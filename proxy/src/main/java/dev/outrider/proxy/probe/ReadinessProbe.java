package dev.outrider.proxy.probe;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Istio's {@code ReadinessProbe} (networking/v1alpha3/workload_group.proto). Immutable.
 *
 * @param successThreshold successes in a row that make it healthy; {@code failureThreshold} likewise
 */
public record ReadinessProbe(
        Action action, Duration initialDelay, Duration timeout, Duration period, int successThreshold, int failureThreshold) {

    /** What is done. An empty host means this machine. */
    public sealed interface Action {}

    /** @param headers sent as they are; {@code Host} among them replaces our own */
    public record Http(String host, int port, String path, boolean tls, List<Map.Entry<String, String>> headers) implements Action {}

    public record Tcp(String host, int port) implements Action {}

    /** @param service of grpc.health.v1.HealthCheckRequest; empty asks for the server as a whole */
    public record Grpc(int port, String service) implements Action {}

    public record Exec(List<String> command) implements Action {}
}
