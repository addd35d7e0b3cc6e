package dev.outrider.proxy.admin.state;

import dev.outrider.proxy.admin.state.AdminState.RawJson;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Every configuration resource that the process holds, rendered on demand. */
public interface DumpSource {

    /** The bootstrap with its secrets redacted. */
    Entry bootstrap();

    /** Version of the last accepted update of a kind, "" = none or not of the world. */
    String version(Kind kind);

    /** Resources of one kind, in the order of their names. */
    List<Entry> entries(Kind kind);

    enum Kind { CLUSTER, ENDPOINT, LISTENER, ROUTE, SECRET }

    enum State { STATIC, ACTIVE, WARMING }

    /**
     * One resource.
     *
     * @param json with its {@code @type}, key material redacted
     * @param rejected the update that was refused since, or in place of, this one
     */
    record Entry(
            State state, String name, String version, Instant updated, @Nullable Supplier<RawJson> json, @Nullable Rejected rejected) {

        public Entry withoutRejection() {
            return new Entry(state, name, version, updated, json, null);
        }
    }

    /** @param json null where the refused bytes were not kept */
    record Rejected(String version, Instant attempted, String details, @Nullable Supplier<RawJson> json) {}
}
