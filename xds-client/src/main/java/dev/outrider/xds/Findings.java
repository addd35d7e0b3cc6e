package dev.outrider.xds;

import dev.outrider.xds.resource.part.Ignored;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What was found wrong or without effect in configuration: logged once, kept for whoever asks. Control thread. */
final class Findings {

    private static final System.Logger LOG = System.getLogger(Findings.class.getName());

    private static final int KEPT_REJECTIONS = 50;

    /** Names come from the wire: no more than this many are remembered, and logged. */
    private static final int KEPT_IGNORED = 1000;

    private final Deque<String> rejections = new ArrayDeque<>();
    private final Set<String> ignored = new LinkedHashSet<>();

    /** {@code again}: the very same was refused before. */
    void rejected(String line, boolean again) {
        if (!again) {
            LOG.log(System.Logger.Level.WARNING, "refused: {0}", line);
        }
        rejections.addFirst(line);
        if (rejections.size() > KEPT_REJECTIONS) {
            rejections.removeLast();
        }
    }

    void ignored(List<Ignored> extensions) {
        for (Ignored extension : extensions) {
            String text = extension.name() + " (" + extension.typeUrl() + ")";
            if (ignored.size() < KEPT_IGNORED && ignored.add(text)) {
                LOG.log(System.Logger.Level.INFO, "accepted without effect: {0}", text);
            }
        }
    }

    /** The newest first. */
    List<String> rejections() {
        return List.copyOf(rejections);
    }

    List<String> ignored() {
        return List.copyOf(ignored);
    }
}
