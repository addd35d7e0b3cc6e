package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.HttpFilter.CorsPolicy;
import dev.outrider.xds.model.HttpFilter.PerRoute;
import dev.outrider.xds.model.match.StringMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** envoy.filters.http.cors: answers preflight requests and marks answers for allowed origins, by the route's policy. Immutable. */
public final class Cors implements FilterStep {

    private static final HeaderName REQUEST_METHOD = HeaderName.of("access-control-request-method");
    private static final HeaderName ALLOW_ORIGIN = HeaderName.of("access-control-allow-origin");
    private static final HeaderName ALLOW_CREDENTIALS = HeaderName.of("access-control-allow-credentials");
    private static final HeaderName EXPOSE_HEADERS = HeaderName.of("access-control-expose-headers");

    /** An allowed origin. */
    record Grant(String origin, CorsPolicy policy) {}

    private final String name;
    private final Counter valid;
    private final Counter invalid;

    public Cors(String name, Stats stats, String statPrefix) {
        this.name = name;
        valid = stats.counter(statPrefix + "cors.origin_valid");
        invalid = stats.counter(statPrefix + "cors.origin_invalid");
    }

    @Override
    public Verdict onRequest(FilterContext context) {
        PerRoute config = context.perRoute(name);
        if (!(config instanceof PerRoute.CorsPerRoute(CorsPolicy policy))) {
            return Verdict.NEXT;
        }
        if (ThreadLocalRandom.current().nextLong(policy.enabled().denominator()) >= policy.enabled().numerator()) {
            return Verdict.NEXT;
        }
        Headers headers = context.request.headers();
        String origin = headers.get(HeaderName.ORIGIN);
        if (origin == null || origin.isEmpty()) {
            return Verdict.NEXT;
        }
        boolean allowed = allowed(policy, origin);
        (allowed ? valid : invalid).inc();
        boolean preflight = context.request.method().equals("OPTIONS") && headers.get(REQUEST_METHOD) != null;
        if (!allowed) {
            if (preflight && !policy.forwardNotMatchingPreflights()) {
                context.flow.reply(new LocalReply(200, "", "cors_response", null));
                return Verdict.STOP;
            }
            return Verdict.NEXT;
        }
        if (!preflight) {
            context.cors = new Grant(origin, policy);
            return Verdict.NEXT;
        }
        List<LocalReply.Field> fields = new ArrayList<>();
        add(fields, "access-control-allow-origin", origin);
        add(fields, "access-control-allow-credentials", policy.allowCredentials() ? "true" : null);
        add(fields, "access-control-allow-methods", policy.allowMethods());
        add(fields, "access-control-allow-headers", policy.allowHeaders());
        add(fields, "access-control-max-age", policy.maxAge());
        context.flow.reply(new LocalReply(200, "", -1, "cors_response", null, fields));
        return Verdict.STOP;
    }

    private static boolean allowed(CorsPolicy policy, String origin) {
        for (StringMatcher matcher : policy.allowOrigins()) {
            if (matcher instanceof StringMatcher.Exact(String text, boolean ignore) && text.equals("*") || matcher.matches(origin)) {
                return true;
            }
        }
        return false;
    }

    private static void add(List<LocalReply.Field> fields, String field, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            fields.add(new LocalReply.Field(field, value));
        }
    }

    @Override
    public void onResponse(FilterContext context, ResponseHead head) {
        Grant grant = context.cors;
        if (grant == null) {
            return;
        }
        head.headers().set(ALLOW_ORIGIN, grant.origin);
        if (grant.policy.allowCredentials()) {
            head.headers().set(ALLOW_CREDENTIALS, "true");
        }
        String expose = grant.policy.exposeHeaders();
        if (expose != null && !expose.isEmpty()) {
            head.headers().set(EXPOSE_HEADERS, expose);
        }
    }
}
