package dev.outrider.xds.resource.part;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A place in the message that is being parsed, and the findings of the whole parse. A parser records what is wrong and goes on with a
 * stand-in value, so that one answer names every fault. Confined to the parsing thread.
 */
public final class Scope {

    /** A NACK is a gRPC message: some reasons tell enough. */
    private static final int MAX_REASONS = 10;

    private static final int MAX_REASON_LENGTH = 400;

    private final Findings findings;
    private final @Nullable Scope parent;
    private final String field;
    private final int index;

    private Scope(Findings findings, @Nullable Scope parent, String field, int index) {
        this.findings = findings;
        this.parent = parent;
        this.field = field;
        this.index = index;
    }

    public static Scope root(FileSource files) {
        return new Scope(new Findings(files), null, "", -1);
    }

    public Scope at(String name) {
        return new Scope(findings, this, name, -1);
    }

    public Scope at(String name, int position) {
        return new Scope(findings, this, name, position);
    }

    /** The resource is refused; {@code reason} is prefixed with this place. */
    public void reject(String reason) {
        if (findings.reasons.size() < MAX_REASONS) {
            String path = path();
            String text = path.isEmpty() ? reason : path + ": " + reason;
            findings.reasons.add(text.length() > MAX_REASON_LENGTH ? text.substring(0, MAX_REASON_LENGTH) + "…" : text);
        }
    }

    /** As {@link #reject}, but the same reason counts once: istiod repeats its filters in every chain. */
    public void rejectOnce(String reason) {
        if (findings.once.size() < MAX_REASONS && findings.once.add(reason)) {
            reject(reason);
        }
    }

    public void ignore(String name, String typeUrl) {
        findings.ignored.add(new Ignored(name, typeUrl));
    }

    public FileSource files() {
        return findings.files;
    }

    public boolean rejected() {
        return !findings.reasons.isEmpty();
    }

    public List<String> reasons() {
        return List.copyOf(findings.reasons);
    }

    public List<Ignored> ignored() {
        return List.copyOf(findings.ignored);
    }

    private String path() {
        StringBuilder text = new StringBuilder();
        append(text);
        return text.toString();
    }

    private void append(StringBuilder text) {
        if (parent == null) {
            return;
        }
        parent.append(text);
        if (!text.isEmpty()) {
            text.append('.');
        }
        text.append(field);
        if (index >= 0) {
            text.append('[').append(index).append(']');
        }
    }

    private static final class Findings {
        private final FileSource files;
        private final Set<String> reasons = new LinkedHashSet<>();
        private final Set<String> once = new HashSet<>();
        private final Set<Ignored> ignored = new LinkedHashSet<>();

        private Findings(FileSource files) {
            this.files = files;
        }
    }
}
