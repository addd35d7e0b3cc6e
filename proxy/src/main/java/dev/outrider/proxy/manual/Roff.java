package dev.outrider.proxy.manual;

import java.util.Locale;

/** A page in the man macros of roff (man(7)). Every text is escaped: none of it can be taken for a request or an escape. */
final class Roff {

    private final StringBuilder out = new StringBuilder(8 * 1024);

    Roff(String name, int section, String version, String manual) {
        out.append(".TH ").append(quoted(name.toUpperCase(Locale.ROOT))).append(' ').append(section).append(" \"\" ")
                .append(quoted("outrider " + version)).append(' ').append(quoted(manual)).append('\n');
    }

    Roff section(String title) {
        out.append(".SH ").append(quoted(title)).append('\n');
        return this;
    }

    Roff subsection(String title) {
        out.append(".SS ").append(quoted(title)).append('\n');
        return this;
    }

    Roff paragraph(String text) {
        out.append(".PP\n").append(escaped(text)).append('\n');
        return this;
    }

    /** Text that goes on where the last one ended. */
    Roff text(String text) {
        out.append(escaped(text)).append('\n');
        return this;
    }

    Roff item(String term, String text) {
        out.append(".TP\n\\fB").append(escaped(term)).append("\\fR\n").append(escaped(text.isEmpty() ? "(no more to say)" : text)).append('\n');
        return this;
    }

    /** Lines as they are. */
    Roff example(String lines) {
        out.append(".PP\n.nf\n").append(escaped(lines.stripTrailing())).append("\n.fi\n");
        return this;
    }

    private static String quoted(String text) {
        return '"' + escaped(text).replace("\"", "\\(dq") + '"';
    }

    /** A hyphen that is typed is \-, a line that begins with a dot or an apostrophe would be a request. */
    private static String escaped(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^([.'])", "\\\\&$1");
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
