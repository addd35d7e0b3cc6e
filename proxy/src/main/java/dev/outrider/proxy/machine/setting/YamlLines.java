package dev.outrider.proxy.machine.setting;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A YAML file as flat entries {@code a.b.c → nodes}, each with its line, so that an error can name it. Bounded: 1 MiB, no aliases.
 *
 * @param entries leaves: scalars, sequences, and maps for which the reader was told that they are a value
 */
record YamlLines(Path path, Map<String, Entry> entries, List<String> errors) {

    private static final long MAX_BYTES = 1 << 20;

    /** A value and its line, from 1. */
    record Entry(int line, Node node) {

        /** Text as an environment file would have it: items joined, a map as JSON. */
        String text(char separator) {
            return switch (node) {
                case ScalarNode scalar -> scalar.getValue();
                case SequenceNode list -> String.join(String.valueOf(separator), list.getValue().stream().map(YamlLines::json).map(YamlLines::bare).toList());
                default -> json(node);
            };
        }
    }

    /** Reads a file; one that does not exist has no entries. {@code isMap} says of a path that the map there is a value. */
    static YamlLines read(Path path, Predicate<String> isMap) {
        try {
            if (Files.exists(path) && Files.size(path) > MAX_BYTES) {
                return broken(path, path + ": is larger than 1 MiB; this is no configuration file");
            }
            return parse(path, Files.exists(path) ? Files.readString(path) : "", isMap);
        } catch (MalformedInputException e) {
            return broken(path, path + ": is not UTF-8 text");
        } catch (IOException e) {
            return broken(path, path + ": cannot be read (" + e.getMessage() + "); check owner and mode");
        }
    }

    private static YamlLines broken(Path path, String error) {
        return new YamlLines(path, Map.of(), List.of(error));
    }

    /** Reads a text that stands in {@code path}. */
    static YamlLines parse(Path path, String text, Predicate<String> isMap) {
        List<String> errors = new ArrayList<>();
        Map<String, Entry> entries = new LinkedHashMap<>();
        try {
            compose(path, text).ifPresent(root -> flatten(path, "", root, isMap, entries, errors));
        } catch (MarkedYamlEngineException e) {
            errors.add(path + e.getProblemMark().map(mark -> ":" + line(mark)).orElse("") + ": is not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            errors.add(path + ": is not YAML: " + e.getMessage());
        }
        return new YamlLines(path, entries, errors);
    }

    private static Optional<Node> compose(Path path, String text) {
        LoadSettings settings = LoadSettings.builder().setLabel(path.toString()).setMaxAliasesForCollections(0).setAllowDuplicateKeys(false).build();
        return new Compose(settings).composeString(text);
    }

    private static void flatten(Path path, String prefix, Node node, Predicate<String> isMap, Map<String, Entry> entries, List<String> errors) {
        int line = line(node.getStartMark());
        if (node instanceof MappingNode map && !isMap.test(prefix)) {
            for (NodeTuple tuple : map.getValue()) {
                String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : json(tuple.getKeyNode());
                String below = prefix.isEmpty() ? key : prefix + "." + key;
                Node value = tuple.getValueNode();
                if (value instanceof MappingNode) {
                    flatten(path, below, value, isMap, entries, errors);
                } else if (entries.put(below, new Entry(line(tuple.getKeyNode().getStartMark()), value)) != null) {
                    errors.add(path + ":" + line(tuple.getKeyNode().getStartMark()) + ": " + below + " is there twice");
                }
            }
        } else if (prefix.isEmpty()) {
            errors.add(path + ":" + line + ": expected names with values, such as 'controlPlane:'");
        } else {
            entries.put(prefix, new Entry(line, node));
        }
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(YamlLines::line).orElse(1);
    }

    private static int line(Mark mark) {
        return mark.getLine() + 1;
    }

    private static String bare(String json) {
        return json.startsWith("\"") ? json.substring(1, json.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\") : json;
    }

    private static String json(Node node) {
        return switch (node) {
            case ScalarNode scalar -> '"' + scalar.getValue().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
            case SequenceNode list -> "[" + String.join(",", list.getValue().stream().map(YamlLines::json).toList()) + "]";
            case MappingNode map -> "{" + String.join(",",
                    map.getValue().stream().map(tuple -> json(tuple.getKeyNode()) + ":" + json(tuple.getValueNode())).toList()) + "}";
            default -> "\"\"";
        };
    }
}
