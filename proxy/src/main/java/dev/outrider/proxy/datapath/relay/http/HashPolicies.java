package dev.outrider.proxy.datapath.relay.http;

import dev.outrider.proxy.connection.XxHash64;
import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.RouteAction.HashPolicy;
import dev.outrider.xds.model.RouteAction.HashPolicy.Source;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The hash by which ring hash and Maglev choose a host: policies in order, each found hash mixed into those before, until a terminal one has
 * found something (Envoy's HashPolicyImpl). Immutable; any loop.
 */
final class HashPolicies {

    /** A hash, and the value of a set-cookie field if one was made for it. */
    record Result(@Nullable Long hash, @Nullable String setCookie) {
        static final Result NONE = new Result(null, null);
    }

    private final List<HashPolicy> policies;

    HashPolicies(List<HashPolicy> policies) {
        this.policies = policies;
    }

    Result of(RequestHead head, InetSocketAddress remote) {
        Long hash = null;
        String cookie = null;
        for (HashPolicy policy : policies) {
            String text = value(policy.source(), head, remote);
            if (text == null && policy.source() instanceof Source.Cookie made && made.ttlNanos() >= 0) {
                text = Long.toHexString(ThreadLocalRandom.current().nextLong());
                cookie = setCookie(made, text);
            }
            if (text != null) {
                long mine = XxHash64.hash(text.getBytes(StandardCharsets.ISO_8859_1));
                hash = hash == null ? mine : Long.rotateLeft(hash, 1) ^ mine;
            }
            if (policy.terminal() && hash != null) {
                break;
            }
        }
        return hash == null ? Result.NONE : new Result(hash, cookie);
    }

    private static @Nullable String value(Source source, RequestHead head, InetSocketAddress remote) {
        return switch (source) {
            case Source.Header(String name) -> HeaderMatch.field(head, HeaderName.of(name));
            case Source.SourceIp s -> remote.getAddress() == null ? null : remote.getAddress().getHostAddress();
            case Source.QueryParameter(String name) -> parameter(head.path(), name);
            case Source.Cookie c -> cookie(head.headers().joined(HeaderName.COOKIE), c.name());
        };
    }

    static @Nullable String cookie(@Nullable String all, String name) {
        if (all == null) {
            return null;
        }
        for (String part : all.split("[;,]", -1)) {
            int is = part.indexOf('=');
            if (is > 0 && part.substring(0, is).strip().equals(name)) {
                String value = part.substring(is + 1).strip();
                return value.length() > 1 && value.charAt(0) == '"' && value.endsWith("\"") ? value.substring(1, value.length() - 1) : value;
            }
        }
        return null;
    }

    private static @Nullable String parameter(String path, String name) {
        int mark = path.indexOf('?');
        if (mark < 0) {
            return null;
        }
        for (String pair : path.substring(mark + 1).split("&", -1)) {
            int is = pair.indexOf('=');
            if ((is < 0 ? pair : pair.substring(0, is)).equals(name)) {
                return is < 0 ? "" : pair.substring(is + 1);
            }
        }
        return null;
    }

    private static String setCookie(Source.Cookie cookie, String value) {
        StringBuilder text = new StringBuilder(cookie.name()).append("=\"").append(value).append('"');
        if (cookie.ttlNanos() > 0) {
            text.append("; Max-Age=").append(cookie.ttlNanos() / 1_000_000_000);
        }
        if (!cookie.path().isEmpty()) {
            text.append("; Path=").append(cookie.path());
        }
        for (Map.Entry<String, String> attribute : cookie.attributes().entrySet()) {
            text.append("; ").append(attribute.getKey());
            if (!attribute.getValue().isEmpty()) {
                text.append('=').append(attribute.getValue());
            }
        }
        return text.append("; HttpOnly").toString();
    }
}
