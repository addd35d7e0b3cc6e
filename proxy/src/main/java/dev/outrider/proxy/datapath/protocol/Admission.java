package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.datapath.protocol.head.HostPorts;
import dev.outrider.proxy.datapath.protocol.head.PathNormalizer;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request must be before it is routed: a path, in normal form. Changes path and host as the configuration says. Pure but for counters. */
final class Admission {

    private Admission() {}

    /** Null: it may go on. */
    static @Nullable LocalReply check(RequestHead request, HttpProgram program, int localPort) {
        String path = request.path();
        if (!path.isEmpty()) {
            if (path.charAt(0) != '/') {
                program.stats.rqNonRelativePath.inc();
                return new LocalReply(404, "", "absolute_path_rejected", null);
            }
            PathNormalizer.Result normal = PathNormalizer.normalize(path, program.model.path());
            if (normal == null) {
                program.stats.rqPathNormalizationFailed.inc();
                return new LocalReply(400, "", "path_normalization_failed", null);
            }
            request.path(normal.path());
            if (normal.redirect()) {
                List<LocalReply.Field> location = List.of(new LocalReply.Field("location", normal.path()));
                return new LocalReply(307, "", -1, "path_normalization_failed", null, location);
            }
        }
        HostPorts.apply(request, program.model.hostPort(), localPort);
        return null;
    }

    /** An upgrade or CONNECT that the configuration does not allow; known only after routing, as in Envoy. */
    static boolean upgradeRefused(RequestHead request, HttpProgram program) {
        if (!request.upgrade().isEmpty()) {
            return false;
        }
        return request.headers().contains(HeaderName.UPGRADE)
                || request.method().equals("CONNECT") && !program.model.upgradeTypes().contains("connect");
    }
}
