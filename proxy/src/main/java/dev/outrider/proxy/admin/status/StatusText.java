package dev.outrider.proxy.admin.status;

import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.state.AdminState.CertificateView;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The screen for people. Pure. */
final class StatusText {

    /** What is more than this stands in /ready?verbose. */
    private static final int MOST_LINES = 8;

    private StatusText() {}

    static String of(Status status, Instant now) {
        StringBuilder out = new StringBuilder(1024);
        AdminState.Readiness readiness = status.readiness();
        line(out, "outrider", status.server().version() + ", up " + time(Duration.ofSeconds(status.server().uptimeSeconds())));
        line(out, "state", (readiness.ready() ? "ready" : "not ready") + " (" + status.server().state() + ")");
        CertificateView identity = status.identity();
        line(out, "identity", until(identity, now));
        for (AdminState.PortIdentityView other : status.portIdentities()) {
            String ports = other.inboundPorts().stream().map(String::valueOf).collect(Collectors.joining(", "));
            line(out, "", other.name() + ", for port " + ports + ": " + until(Status.first(other.certificates()), now));
        }
        AdminState.ControlPlane plane = status.controlPlane();
        line(out, "control plane", plane.address().isEmpty() ? "none is named" : plane.address() + ", " + connection(plane, now));
        line(out, "last push", plane.lastPush() == null ? "none yet" : ago(plane.lastPush(), now));
        line(out, "last refusal", plane.rejections().isEmpty() ? "none" : plane.rejections().getFirst());
        line(out, "resources", plane.resources().entrySet().stream().map(e -> e.getValue() + " " + e.getKey()).collect(Collectors.joining(", ")));
        List<String> registered = plane.registered();
        line(out, "registered", registered.isEmpty() ? "no service of the mesh is at this machine's address" : String.join(", ", registered.stream().limit(MOST_LINES).toList()));
        line(out, "DNS", status.names().isEmpty() ? "off" : "answers " + status.names());
        line(out, "interception", status.interception());
        line(out, "listeners", status.listeners().size() + " bound: "
                + status.listeners().stream().limit(MOST_LINES).map(l -> l.name() + " " + l.bound()).collect(Collectors.joining(", "))
                + (status.listeners().size() > MOST_LINES ? ", ..." : ""));
        line(out, "traffic", status.traffic().entrySet().stream().map(e -> e.getValue() + " " + e.getKey().replace('_', ' ')).collect(Collectors.joining(", ")));
        line(out, "files", status.files().open() + " open of " + status.files().most());
        List<String> reasons = readiness.reasons();
        reasons.stream().limit(MOST_LINES).forEach(reason -> line(out, "warning", reason));
        if (reasons.size() > MOST_LINES) {
            line(out, "warning", "and " + (reasons.size() - MOST_LINES) + " more, see /ready?verbose");
        }
        return out.toString();
    }

    private static String until(@Nullable CertificateView identity, Instant now) {
        return identity == null ? "none" : Status.spiffeId(identity) + ", until " + second(identity.notAfter()) + left(now, identity.notAfter());
    }

    private static String connection(AdminState.ControlPlane plane, Instant now) {
        Instant since = plane.connectedSince();
        return since == null ? "not connected" : "connected for " + time(Duration.between(since, now));
    }

    private static void line(StringBuilder out, String name, String value) {
        out.append(String.format("%-15s%s%n", name, value));
    }

    private static String left(Instant now, @Nullable Instant end) {
        return end == null || end.isBefore(now) ? " (EXPIRED)" : " (" + time(Duration.between(now, end)) + " left)";
    }

    private static String ago(Instant then, Instant now) {
        return time(Duration.between(then, now)) + " ago (" + second(then) + ")";
    }

    private static String second(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** The two largest units. */
    private static String time(Duration time) {
        if (time.toDays() > 0) {
            return time.toDays() + "d" + time.toHoursPart() + "h";
        }
        if (time.toHours() > 0) {
            return time.toHours() + "h" + time.toMinutesPart() + "m";
        }
        return time.toMinutes() > 0 ? time.toMinutes() + "m" + time.toSecondsPart() + "s" : Math.max(0, time.toSeconds()) + "s";
    }
}
