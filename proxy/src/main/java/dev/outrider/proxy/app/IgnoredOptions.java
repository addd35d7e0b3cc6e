package dev.outrider.proxy.app;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of Envoy that are harmless here: accepted, so that its scripts run unchanged, and without effect. */
final class IgnoredOptions {

    @Option(
            names = {
                "--disable-hot-restart", "--enable-mutex-tracing", "--cpuset-threads", "--allow-unknown-fields",
                "--allow-unknown-static-fields", "--reject-unknown-dynamic-fields", "--ignore-unknown-dynamic-fields",
                "--use-dynamic-base-id", "--enable-core-dump", "--skip-deprecated-logs", "--log-format-escaped",
                "--enable-fine-grain-logging", "--skip-hot-restart-on-no-parent", "--skip-hot-restart-parent-stats",
                "--hot-restart-version"
            },
            hidden = true)
    private List<Boolean> flags = new ArrayList<>();

    @Option(
            names = {
                "--log-format", "--drain-strategy", "--local-address-ip-version", "--file-flush-interval-msec",
                "--file-flush-min-size-kb", "--base-id", "--base-id-path", "--restart-epoch", "--parent-shutdown-time-s",
                "--service-zone", "--disable-extensions", "--socket-path", "--socket-mode", "--bootstrap-version",
                "--stats-tag", "--log-file-rotation", "--max-obj-name-len", "--max-stats"
            },
            hidden = true)
    private List<String> values = new ArrayList<>();
}
