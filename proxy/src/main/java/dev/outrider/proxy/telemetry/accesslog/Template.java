package dev.outrider.proxy.telemetry.accesslog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A format string ({@code text %OPERATOR(argument):length% …}) compiled to operators. Immutable; any loop. {@code %%} is a percent sign.
 * See Envoy's "Access logging: command operators".
 */
public final class Template {

    private final String[] literals;
    private final Operator[] operators;
    private final boolean omitEmpty;

    private Template(String[] literals, Operator[] operators, boolean omitEmpty) {
        this.literals = literals;
        this.operators = operators;
        this.omitEmpty = omitEmpty;
    }

    /** Throws IllegalArgumentException that names the operator it does not know. {@code omitEmpty}: absent values are "" instead of "-". */
    public static Template compile(String format, boolean omitEmpty) {
        String bytes = latin(format);
        List<String> literals = new ArrayList<>();
        List<Operator> operators = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        int at = 0;
        while (at < bytes.length()) {
            char c = bytes.charAt(at);
            if (c != '%') {
                literal.append(c);
                at++;
            } else if (at + 1 < bytes.length() && bytes.charAt(at + 1) == '%') {
                literal.append('%');
                at += 2;
            } else {
                int end = end(bytes, at + 1);
                literals.add(literal.toString());
                literal.setLength(0);
                operators.add(OperatorCatalog.operator(bytes.substring(at + 1, end)));
                at = end + 1;
            }
        }
        literals.add(literal.toString());
        return new Template(literals.toArray(String[]::new), operators.toArray(Operator[]::new), omitEmpty);
    }

    /** Index of the percent sign that closes the operator which begins at {@code from}; those within parentheses do not count. */
    private static int end(String format, int from) {
        int open = format.indexOf('(', from);
        int close = format.indexOf('%', from);
        if (open >= 0 && close > open) {
            int shut = format.indexOf(')', open);
            while (shut >= 0 && shut + 1 < format.length() && format.charAt(shut + 1) != '%' && format.charAt(shut + 1) != ':') {
                shut = format.indexOf(')', shut + 1);
            }
            close = shut < 0 ? -1 : format.indexOf('%', shut);
        }
        if (close < 0) {
            throw new IllegalArgumentException("format '" + format + "': the operator at offset " + from + " is not closed by %");
        }
        return close;
    }

    /** The UTF-8 bytes of a configured text as chars. */
    static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** The text of a template without operators, or null. */
    public @Nullable String constant() {
        return operators.length == 0 ? literals[0] : null;
    }

    void append(LogContext context, Line out) {
        for (int i = 0; i < operators.length; i++) {
            out.append(literals[i]);
            if (!operators[i].write(context, out) && !omitEmpty) {
                out.append('-');
            }
        }
        out.append(literals[operators.length]);
    }

    public String format(LogContext context) {
        if (operators.length == 0) {
            return literals[0];
        }
        Line out = new Line(64);
        append(context, out);
        return out.toString();
    }

    /** The only operator of a format that is nothing else, or null: such values are typed in JSON. */
    @Nullable Operator single() {
        return operators.length == 1 && literals[0].isEmpty() && literals[1].isEmpty() ? operators[0] : null;
    }
}
