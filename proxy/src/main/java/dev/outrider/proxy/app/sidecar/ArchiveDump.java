package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.admin.state.AdminState.RawJson;
import dev.outrider.proxy.admin.state.DumpSource;
import dev.outrider.xds.ConfigArchive;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.resource.AnyJson;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code /config_dump} over the client's archive: bytes become JSON when they are asked for. One moment; any thread. */
record ArchiveDump(Bootstrap source, Instant started, ConfigArchive archive) implements DumpSource {

    private static final String BOOTSTRAP_TYPE = "type.googleapis.com/envoy.config.bootstrap.v3.Bootstrap";

    @Override
    public Entry bootstrap() {
        return new Entry(State.STATIC, "bootstrap", "", started, () -> new RawJson(withoutType(BOOTSTRAP_TYPE, source.wire())), null);
    }

    /** A field of type Bootstrap, not an Any: no {@code @type}. */
    private static String withoutType(String type, Bytes wire) {
        String json = AnyJson.render(type, wire.toArray());
        String head = "{\"@type\":\"" + type + "\"";
        if (!json.startsWith(head)) {
            return json;
        }
        String rest = json.substring(head.length());
        return "{" + (rest.startsWith(",") ? rest.substring(1) : rest);
    }

    private static ResourceType type(Kind kind) {
        return switch (kind) {
            case CLUSTER -> ResourceType.CLUSTER;
            case ENDPOINT -> ResourceType.ENDPOINTS;
            case LISTENER -> ResourceType.LISTENER;
            case ROUTE -> ResourceType.ROUTES;
            case SECRET -> ResourceType.SECRET;
        };
    }

    @Override
    public String version(Kind kind) {
        ConfigArchive.TypeState state = archive.types().get(type(kind));
        return state == null ? "" : state.version();
    }

    @Override
    public List<Entry> entries(Kind kind) {
        ConfigArchive.TypeState state = archive.types().get(type(kind));
        List<Entry> all = new ArrayList<>();
        if (state != null) {
            state.entries().stream()
                    .sorted(Comparator.comparing(ConfigArchive.Entry::name))
                    .forEach(e -> add(e, all));
        }
        return all;
    }

    private void add(ConfigArchive.Entry entry, List<Entry> into) {
        ConfigArchive.Sent active = entry.active();
        ConfigArchive.Sent warming = entry.warming();
        Rejected rejected = rejected(entry.rejected());
        if (active != null) {
            into.add(entry(entry.fixed() ? State.STATIC : State.ACTIVE, entry.name(), active, rejected));
        }
        if (warming != null) {
            into.add(entry(State.WARMING, entry.name(), warming, active == null ? rejected : null));
        }
        if (active == null && warming == null && rejected != null) {
            into.add(new Entry(State.ACTIVE, entry.name(), "", rejected.attempted(), null, rejected));
        }
    }

    private static Entry entry(State state, String name, ConfigArchive.Sent sent, @Nullable Rejected rejected) {
        return new Entry(state, name, sent.version(), sent.updated(),
                () -> new RawJson(AnyJson.render(sent.typeUrl(), sent.wire().toArray())), rejected);
    }

    private static @Nullable Rejected rejected(ConfigArchive.@Nullable Rejected refused) {
        if (refused == null) {
            return null;
        }
        return new Rejected(refused.version(), refused.attempted(), refused.details(),
                refused.wire().length() == 0 ? null : () -> new RawJson(AnyJson.render(refused.typeUrl(), refused.wire().toArray())));
    }
}
