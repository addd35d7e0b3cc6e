package dev.outrider.xds.resource;

import dev.outrider.xds.resource.part.Ignored;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A resource as it came over xDS: its own name (empty where it could not be read or has none) and what became of it. */
public record ParsedResource<T>(String name, Parsed<T> parsed) {

    public boolean accepted() {
        return parsed.accepted();
    }

    public @Nullable T value() {
        return parsed.value();
    }

    public List<Ignored> ignored() {
        return parsed.ignored();
    }

    public List<String> reasons() {
        return parsed.reasons();
    }
}
