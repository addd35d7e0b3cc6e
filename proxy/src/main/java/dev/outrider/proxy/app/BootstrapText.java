package dev.outrider.proxy.app;

import dev.outrider.proxy.app.sidecar.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The bootstrap as one text, from {@code -c} and {@code --config-yaml}, merged as protobuf merges messages: objects field by field, lists
 * appended, other values replaced (Envoy's documentation of {@code --config-yaml}).
 */
final class BootstrapText {

    /** A bootstrap with inlined certificates and static resources stays far below. */
    private static final long MAX_BYTES = 64L << 20;

    private BootstrapText() {}

    static String load(@Nullable Path file, String overlay) throws StartupException {
        if (file == null && overlay.isEmpty()) {
            throw new StartupException("no bootstrap: give -c FILE or --config-yaml TEXT");
        }
        if (file == null) {
            return overlay;
        }
        return over(read(file), file.toString(), overlay);
    }

    /** The text of a machine's own bootstrap, and {@code --config-yaml} over it. */
    static String over(String text, String overlay) throws StartupException {
        return over(text, "bootstrap", overlay);
    }

    private static String over(String text, String source, String overlay) throws StartupException {
        return overlay.isEmpty() ? text : dump(merge(tree(text, source), tree(overlay, "--config-yaml")));
    }

    /** {@code --service-node} and {@code --service-cluster} over what the bootstrap says; "" = as there. */
    static String withNode(String text, String id, String cluster) throws StartupException {
        Map<String, Object> node = new LinkedHashMap<>();
        if (!id.isEmpty()) {
            node.put("id", id);
        }
        if (!cluster.isEmpty()) {
            node.put("cluster", cluster);
        }
        return node.isEmpty() ? text : dump(merge(tree(text, "bootstrap"), Map.of("node", node)));
    }

    private static String dump(@Nullable Object tree) {
        return new Dump(DumpSettings.builder().build()).dumpToString(tree);
    }

    private static String read(Path file) throws StartupException {
        try {
            if (Files.isRegularFile(file) && Files.size(file) > MAX_BYTES) {
                throw new StartupException(file + ": larger than " + (MAX_BYTES >> 20) + " MiB, which no bootstrap is");
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new StartupException(file + ": no such file");
        } catch (IOException e) {
            throw new StartupException(file + ": cannot be read as UTF-8 text: " + e.getMessage());
        }
    }

    private static @Nullable Object tree(String text, String source) throws StartupException {
        try {
            LoadSettings settings = LoadSettings.builder().setCodePointLimit((int) MAX_BYTES).setLabel(source).build();
            return new Load(settings).loadFromString(text);
        } catch (YamlEngineException e) {
            throw new StartupException(source + ": neither YAML nor JSON: " + e.getMessage());
        }
    }

    private static @Nullable Object merge(@Nullable Object below, @Nullable Object above) {
        if (below instanceof Map<?, ?> lower && above instanceof Map<?, ?> upper) {
            Map<Object, @Nullable Object> all = new LinkedHashMap<>(lower);
            upper.forEach((key, value) -> all.put(key, merge(all.get(key), value)));
            return all;
        }
        if (below instanceof List<?> lower && above instanceof List<?> upper) {
            List<@Nullable Object> all = new ArrayList<>(lower);
            all.addAll(upper);
            return all;
        }
        return above == null ? below : above;
    }
}
