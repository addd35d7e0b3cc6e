package dev.outrider.proxy.machine.setting;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as operators write them: whole numbers with units, {@code 500ms}, {@code 30s}, {@code 24h}, and together as Go prints them, {@code 12h0m0s}. */
public final class Durations {

    private static final Pattern PART = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    /** Larger units first, each once. */
    private static final Pattern FORM = Pattern.compile("(?=.)([0-9]{1,9}h)?([0-9]{1,9}m(?!s))?([0-9]{1,9}s)?([0-9]{1,9}ms)?");

    private Durations() {}

    static boolean accepts(String text) {
        return FORM.matcher(text).matches();
    }

    /** Throws IllegalArgumentException with the text and the accepted form. */
    public static Duration parse(String text) {
        if (!accepts(text.strip())) {
            throw new IllegalArgumentException("'" + text + "' is not a duration such as 500ms, 30s, 5m, 24h or 1h30m");
        }
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text.strip());
        while (part.find()) {
            long number = Long.parseLong(part.group(1));
            sum = sum.plus(switch (part.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            });
        }
        return sum;
    }
}
