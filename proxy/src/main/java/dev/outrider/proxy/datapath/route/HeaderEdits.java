package dev.outrider.proxy.datapath.route;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.proxy.telemetry.accesslog.Template;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations.Append;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations.Append.Action;
import java.util.List;

/** Header changes of one level and one direction, compiled: removal first, then overwriting, then addition, as Envoy does. Immutable. */
public final class HeaderEdits {

    private final HeaderName[] remove;
    private final Add[] add;

    private record Add(HeaderName name, Template value, Action action, boolean keepEmpty) {}

    public HeaderEdits(List<Append> add, List<String> remove) {
        this.remove = remove.stream().map(HeaderName::of).toArray(HeaderName[]::new);
        this.add = add.stream()
                .map(a -> new Add(HeaderName.of(a.name()), Template.compile(a.value(), true), a.action(), a.keepEmptyValue()))
                .toArray(Add[]::new);
    }

    boolean isEmpty() {
        return remove.length == 0 && add.length == 0;
    }

    public void apply(RequestHead head, LogContext context) {
        for (HeaderName name : remove) {
            head.headers().remove(name);
        }
        for (Add one : add) {
            String value = one.value.format(context);
            if (value.isEmpty() && !one.keepEmpty) {
                continue;
            }
            switch (one.name.toString()) {
                case ":path" -> head.path(value);
                case ":authority", "host" -> head.authority(value);
                case ":method" -> head.method(value);
                case ":scheme" -> head.scheme(value);
                default -> change(head.headers(), one, value);
            }
        }
    }

    public void apply(ResponseHead head, LogContext context) {
        for (HeaderName name : remove) {
            head.headers().remove(name);
        }
        for (Add one : add) {
            String value = one.value.format(context);
            if (!value.isEmpty() || one.keepEmpty) {
                change(head.headers(), one, value);
            }
        }
    }

    private static void change(Headers headers, Add one, String value) {
        boolean there = headers.contains(one.name);
        switch (one.action) {
            case APPEND_IF_EXISTS_OR_ADD -> headers.add(one.name, value);
            case OVERWRITE_IF_EXISTS_OR_ADD -> headers.set(one.name, value);
            case ADD_IF_ABSENT -> {
                if (!there) {
                    headers.add(one.name, value);
                }
            }
            case OVERWRITE_IF_EXISTS -> {
                if (there) {
                    headers.set(one.name, value);
                }
            }
        }
    }
}
