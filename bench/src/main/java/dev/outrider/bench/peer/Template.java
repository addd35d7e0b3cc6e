package dev.outrider.bench.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text beside this class with {@code ${name}} places. */
final class Template {

    private static final Pattern PLACE = Pattern.compile("\\$\\{(\\w+)}");

    private Template() {}

    static String fill(String file, Map<String, ?> values) {
        return PLACE.matcher(read(file)).replaceAll(place -> {
            Object value = values.get(place.group(1));
            if (value == null) {
                throw new IllegalArgumentException(file + ": nothing given for ${" + place.group(1) + "}");
            }
            return Matcher.quoteReplacement(value.toString());
        });
    }

    private static String read(String file) {
        try (InputStream in = Template.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new IllegalStateException(file + " cannot be read", e);
        }
    }
}
