package dev.outrider.xds;

import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.model.Bytes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Resources as they were sent, for {@code /config_dump}. A copy of one moment; rendering is the reader's. Any thread. */
public record ConfigArchive(Map<ResourceType, TypeState> types) {

    /** {@code version}: of the last response that was accepted. */
    public record TypeState(String version, List<Entry> entries) {}

    /**
     * One resource by name. {@code active} serves; {@code warming} waits for what it refers to; {@code rejected} is the last refusal that
     * nothing newer has replaced.
     *
     * @param fixed from the bootstrap file
     */
    public record Entry(String name, boolean fixed, @Nullable Sent active, @Nullable Sent warming, @Nullable Rejected rejected) {}

    public record Sent(String version, Instant updated, String typeUrl, Bytes wire) {}

    public record Rejected(String version, Instant attempted, String details, String typeUrl, Bytes wire) {}
}
