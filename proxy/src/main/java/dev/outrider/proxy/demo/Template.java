package dev.outrider.proxy.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text in a class's package with {@code ${name}} places. Values are the program's own, none comes from outside. Any thread. */
public final class Template {

    private static final Pattern PLACE = Pattern.compile("\\$\\{(\\w+)}");

    private Template() {}

    /** The text of {@code file} beside {@code owner}, each place filled. */
    public static String fill(Class<?> owner, String file, Map<String, ?> values) {
        return PLACE.matcher(read(owner, file)).replaceAll(place -> {
            Object value = values.get(place.group(1));
            if (value == null) {
                throw new IllegalArgumentException(file + ": nothing given for ${" + place.group(1) + "}");
            }
            return Matcher.quoteReplacement(value.toString());
        });
    }

    private static String read(Class<?> owner, String file) {
        try (InputStream in = owner.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new IllegalStateException(file + " cannot be read", e);
        }
    }
}
