package dev.outrider.proxy.machine.setting;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@code KEY=VALUE} file read as data: the shell's quoting ({@code 'x'}, {@code "x"}, backslash) and {@code export} are understood, nothing is
 * expanded or executed. A line that would need a shell is an error that names file and line.
 *
 * @param values a key that comes twice has its last value
 * @param lines of the keys, from 1
 */
public record EnvFile(Path path, Map<String, String> values, Map<String, Integer> lines, List<String> errors) {

    private static final long MAX_BYTES = 1 << 20;

    /** Reads a file; one that does not exist is empty. */
    public static EnvFile read(Path path) {
        try {
            if (!Files.exists(path)) {
                return new EnvFile(path, Map.of(), Map.of(), List.of());
            }
            if (Files.size(path) > MAX_BYTES) {
                return new EnvFile(path, Map.of(), Map.of(), List.of(path + ": is larger than 1 MiB; this is no environment file"));
            }
            return parse(path, Files.readString(path));
        } catch (MalformedInputException e) {
            return new EnvFile(path, Map.of(), Map.of(), List.of(path + ": is not UTF-8 text"));
        } catch (IOException e) {
            return new EnvFile(path, Map.of(), Map.of(), List.of(path + ": cannot be read (" + e.getMessage() + "); check owner and mode"));
        }
    }

    static EnvFile parse(Path path, String text) {
        Map<String, String> values = new LinkedHashMap<>();
        Map<String, Integer> lines = new HashMap<>();
        List<String> errors = new ArrayList<>();
        int number = 0;
        for (String raw : text.split("\n", -1)) {
            number++;
            String line = raw.strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("export ")) {
                line = line.substring(7).strip();
            }
            int equals = line.indexOf('=');
            String key = equals < 0 ? line : line.substring(0, equals);
            if (equals < 0 || !key.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                errors.add(path + ":" + number + ": expected KEY=VALUE, found '" + shorten(line) + "'");
                continue;
            }
            try {
                values.put(key, unquote(line.substring(equals + 1)));
                lines.put(key, number);
            } catch (IllegalArgumentException e) {
                errors.add(path + ":" + number + ": " + key + ": " + e.getMessage());
            }
        }
        return new EnvFile(path, Map.copyOf(values), Map.copyOf(lines), List.copyOf(errors));
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }

    /** One shell word: quotes are removed, a comment may follow. */
    private static String unquote(String text) {
        StringBuilder value = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            switch (c) {
                case '\'' -> {
                    int end = text.indexOf('\'', i + 1);
                    if (end < 0) {
                        throw new IllegalArgumentException("a single quote is not closed");
                    }
                    value.append(text, i + 1, end);
                    i = end + 1;
                }
                case '"' -> i = doubleQuoted(text, i + 1, value);
                case '\\' -> {
                    if (i + 1 == text.length()) {
                        throw new IllegalArgumentException("a line may not be continued with a backslash");
                    }
                    value.append(text.charAt(i + 1));
                    i += 2;
                }
                case '$', '`' -> throw new IllegalArgumentException(
                        "'" + c + "' is not expanded here; write the value itself, or put it in single quotes");
                case ' ', '\t' -> {
                    String rest = text.substring(i).strip();
                    if (!rest.isEmpty() && !rest.startsWith("#")) {
                        throw new IllegalArgumentException("a value with blanks needs quotes");
                    }
                    i = text.length();
                }
                default -> {
                    value.append(c);
                    i++;
                }
            }
        }
        return value.toString();
    }

    private static int doubleQuoted(String text, int from, StringBuilder value) {
        int i = from;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '"') {
                return i + 1;
            }
            if (c == '$' || c == '`') {
                throw new IllegalArgumentException("'" + c + "' is not expanded here; write the value itself");
            }
            if (c == '\\' && i + 1 < text.length() && "\"\\$`".indexOf(text.charAt(i + 1)) >= 0) {
                i++;
                c = text.charAt(i);
            }
            value.append(c);
            i++;
        }
        throw new IllegalArgumentException("a double quote is not closed");
    }
}
