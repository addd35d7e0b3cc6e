package dev.outrider.proxy.app;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * A command that a service is started by: its plain options are read without picocli, to load which takes longer than half of a start. Everything
 * unusual (help, an option given twice, a mistake) is left to picocli, which knows what to say.
 */
interface QuickOptions extends Callable<Integer> {

    /** Whether it is an option without a value, which is now set. */
    boolean flag(String name);

    /** Whether it is an option with a value, which is now set. Throws IllegalArgumentException for a value that is none. */
    boolean option(String name, String value);

    /** False = {@code command} is half set and of no use: picocli has to read the arguments. */
    static boolean read(QuickOptions command, List<String> arguments) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < arguments.size(); i++) {
            String name = arguments.get(i);
            int equals = name.startsWith("--") ? name.indexOf('=') : -1;
            if (!name.startsWith("-") || !seen.add(equals < 0 ? name : name.substring(0, equals))) {
                return false;
            }
            if (equals < 0 && command.flag(name)) {
                continue;
            }
            String value = equals >= 0 ? name.substring(equals + 1) : ++i < arguments.size() ? arguments.get(i) : "-";
            // picocli reads files for @, and asks whether what looks like an option is the value.
            if (value.isEmpty() || value.startsWith("-") || value.startsWith("@") || !taken(command, equals < 0 ? name : name.substring(0, equals), value)) {
                return false;
            }
        }
        return true;
    }

    private static boolean taken(QuickOptions command, String name, String value) {
        try {
            return command.option(name, value);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
