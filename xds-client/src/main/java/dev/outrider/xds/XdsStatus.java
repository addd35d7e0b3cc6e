package dev.outrider.xds;

import dev.outrider.xds.ads.ResourceType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the client is doing, for statistics and {@code /ready?verbose}. A copy of one moment.
 *
 * @param connectedSince null = no control plane is connected
 * @param decided every resource of the first LDS and CDS is accepted or refused, and every cluster has warmed or waited long enough
 * @param ready decided, and no capture listener was refused without an earlier version
 * @param waiting what is not warm, with the reason
 * @param policyNotApplied resources whose update was refused while an older version serves
 * @param lastKnownGood when the configuration that serves was saved, in an earlier life; null = it is the control plane's own
 * @param lastRejections the newest lines {@code [type, name] reason}
 * @param ignored observers that were accepted without effect
 */
public record XdsStatus(
        @Nullable Instant connectedSince,
        boolean decided,
        boolean ready,
        Map<String, String> waiting,
        List<String> policyNotApplied,
        @Nullable Instant lastKnownGood,
        List<String> lastRejections,
        List<String> ignored,
        Map<ResourceType, Counters> counters) {

    public boolean connected() {
        return connectedSince != null;
    }

    /** Envoy's {@code update_*} statistics of one type. */
    public record Counters(long attempt, long success, long rejected, long failure, String version) {}
}
