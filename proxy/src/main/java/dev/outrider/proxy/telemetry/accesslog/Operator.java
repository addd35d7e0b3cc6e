package dev.outrider.proxy.telemetry.accesslog;

import org.jspecify.annotations.Nullable;

/**
 * One compiled command operator. Texts are built from bytes: each char of the output is one byte (ISO 8859-1), so that header values pass
 * through unchanged. Pure; any loop.
 */
@FunctionalInterface
interface Operator {

    enum Kind { TEXT, NUMBER, JSON }

    /** Appends the value; false, and nothing appended, where there is none. */
    boolean write(LogContext context, Line out);

    /** How the value stands in JSON: a string, a number, or JSON text as it is (a string where {@link #write} gave one). */
    default Kind kind() {
        return Kind.TEXT;
    }

    /** Appends the value as JSON; false where there is none. Only called for {@link Kind#JSON}. */
    default boolean writeJson(LogContext context, Line out) {
        return write(context, out);
    }

    /** The same operator with its value cut to {@code limit} chars. */
    default Operator limited(int limit) {
        Operator whole = this;
        return new Operator() {
            @Override
            public boolean write(LogContext context, Line out) {
                int from = out.length();
                boolean any = whole.write(context, out);
                if (out.length() - from > limit) {
                    out.setLength(from + limit);
                }
                return any;
            }

            @Override
            public Kind kind() {
                return whole.kind() == Kind.JSON ? Kind.TEXT : whole.kind();
            }
        };
    }

    /** A value that may be negative: absent. */
    interface Number extends Operator {

        long value(LogContext context);

        @Override
        default boolean write(LogContext context, Line out) {
            long value = value(context);
            if (value < 0) {
                return false;
            }
            out.append(value);
            return true;
        }

        @Override
        default Kind kind() {
            return Kind.NUMBER;
        }
    }

    /** A text; null or "" where there is none. */
    interface Text extends Operator {

        @Nullable String value(LogContext context);

        @Override
        default boolean write(LogContext context, Line out) {
            String value = value(context);
            if (value == null || value.isEmpty()) {
                return false;
            }
            out.append(value);
            return true;
        }
    }
}
