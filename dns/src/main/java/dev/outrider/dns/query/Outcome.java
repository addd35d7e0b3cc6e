package dev.outrider.dns.query;

import dev.outrider.dns.table.Match;
import dev.outrider.dns.table.NameEntry;
import org.jspecify.annotations.Nullable;

/** How the current answer came about, for metrics and for whoever asks for an explanation. Reused; confined to the DNS loop. */
public final class Outcome {

    private Source source = Source.REFUSED;
    private int zone;
    private @Nullable NameEntry entry;
    private Match.Kind kind = Match.Kind.NONE;
    private String resolver = "";
    private int ageSeconds;

    void reset() {
        source = Source.REFUSED;
        zone = 0;
        entry = null;
        kind = Match.Kind.NONE;
        resolver = "";
        ageSeconds = 0;
    }

    void zone(int index) {
        zone = index;
    }

    void source(Source from) {
        source = from;
    }

    void local(NameEntry from, Match.Kind how) {
        entry = from;
        kind = how;
        source = from.isStatic() ? Source.STATIC : Source.TABLE;
    }

    void upstream(Source from, String who, int age) {
        source = from;
        resolver = who;
        ageSeconds = age;
    }

    public Source source() {
        return source;
    }

    public int zone() {
        return zone;
    }

    public @Nullable NameEntry entry() {
        return entry;
    }

    public Match.Kind kind() {
        return kind;
    }

    public String resolver() {
        return resolver;
    }

    public int ageSeconds() {
        return ageSeconds;
    }
}
