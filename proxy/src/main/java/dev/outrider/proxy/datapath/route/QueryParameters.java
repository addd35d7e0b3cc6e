package dev.outrider.proxy.datapath.route;

import dev.outrider.xds.model.match.Matchers.QueryParameter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tests on a path's query, undecoded, first value of each name, as Envoy's. */
final class QueryParameters {

    private QueryParameters() {}

    static boolean match(List<QueryParameter> wanted, String path) {
        for (QueryParameter one : wanted) {
            String value = value(path, one.name());
            if (value == null || one.matcher() != null && !one.matcher().matches(value)) {
                return false;
            }
        }
        return true;
    }

    static @Nullable String value(String path, String name) {
        int at = path.indexOf('?') + 1;
        if (at == 0) {
            return null;
        }
        int fragment = path.indexOf('#', at);
        int end = fragment < 0 ? path.length() : fragment;
        while (at <= end) {
            int next = path.indexOf('&', at);
            int to = next < 0 || next > end ? end : next;
            if (path.startsWith(name, at) && at + name.length() <= to) {
                int behind = at + name.length();
                if (behind == to) {
                    return "";
                }
                if (path.charAt(behind) == '=') {
                    return path.substring(behind + 1, to);
                }
            }
            at = to + 1;
        }
        return null;
    }
}
