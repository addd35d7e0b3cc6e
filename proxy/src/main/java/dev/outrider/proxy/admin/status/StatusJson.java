package dev.outrider.proxy.admin.status;

import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.state.AdminState.CertificateView;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The same for scripts; times are RFC 3339, null where there is none. Pure. */
final class StatusJson {

    private StatusJson() {}

    static Map<String, Object> of(Status status) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("version", status.server().version());
        all.put("uptime_s", status.server().uptimeSeconds());
        all.put("ready", status.readiness().ready());
        all.put("state", status.server().state());
        all.put("identity", identity(status.identity()));
        Map<String, Object> others = new LinkedHashMap<>();
        for (AdminState.PortIdentityView other : status.portIdentities()) {
            Map<String, Object> one = identity(Status.first(other.certificates()));
            one.put("inbound_ports", other.inboundPorts());
            others.put(other.name(), one);
        }
        all.put("port_identities", others);
        all.put("control_plane", controlPlane(status.controlPlane()));
        all.put("resources", status.controlPlane().resources());
        all.put("dns", status.names());
        all.put("interception", status.interception());
        Map<String, Object> listeners = new LinkedHashMap<>();
        status.listeners().forEach(listener -> listeners.put(listener.name(), listener.bound().toString()));
        all.put("listeners", listeners);
        all.put("traffic", status.traffic());
        all.put("open_files", status.files().open());
        all.put("open_files_limit", status.files().most());
        all.put("warnings", status.readiness().reasons());
        return all;
    }

    private static Map<String, Object> identity(@Nullable CertificateView certificate) {
        Map<String, Object> one = new LinkedHashMap<>();
        if (certificate != null) {
            one.put("spiffe_id", Status.spiffeId(certificate));
            one.put("not_after", certificate.notAfter().toString());
        }
        return one;
    }

    private static Map<String, @Nullable Object> controlPlane(AdminState.ControlPlane plane) {
        Map<String, @Nullable Object> one = new LinkedHashMap<>();
        one.put("address", plane.address());
        one.put("connected_since", text(plane.connectedSince()));
        one.put("last_push", text(plane.lastPush()));
        one.put("registered", plane.registered());
        one.put("rejections", plane.rejections());
        one.put("policy_not_applied", plane.policyNotApplied());
        return one;
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
