package dev.outrider.proxy.doctor.machine;

import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The machine as the checks see it: files below a root, and what has to be asked. Tests stand in for it. */
public interface Machine {

    Places places();

    EffectiveSettings settings();

    Instant now();

    /** The user who asks. */
    String user();

    /** Text of an admin page of the running sidecar; empty when none runs. */
    Optional<String> admin(String path);

    /** What the rules are like. */
    Rules rules();

    /** Text of {@code nft list ruleset} or {@code iptables-save}; empty when it may not be read. */
    Optional<String> ruleset();

    /** Addresses of a name by the host's resolver; none when it has none. */
    List<String> resolve(String name);

    /** A connection with TLS: the certificates that the peer showed. */
    Dialled dial(String host, int port, String serverName);

    /** @param installed whether any are; {@code difference} is empty when they are as installed */
    record Rules(boolean readable, boolean installed, String difference) {}

    /** @param failure why it failed, empty if it did not: "refused", "timed out", "unreachable", or a TLS error's text */
    record Dialled(boolean connected, List<X509Certificate> chain, String failure) {}

    /** Text of a file below the root; empty when it is not there or may not be read. */
    default String text(String path) {
        try {
            return Files.readString(file(path));
        } catch (IOException e) {
            return "";
        }
    }

    default Path file(String path) {
        return places().root().resolve(path.startsWith("/") ? path.substring(1) : path);
    }

    /** A setting as it holds now. */
    default String setting(String path) {
        return settings().effective().stream().filter(value -> value.setting().path().equals(path)).findFirst().map(EffectiveSettings.Effective::text).orElse("");
    }
}
