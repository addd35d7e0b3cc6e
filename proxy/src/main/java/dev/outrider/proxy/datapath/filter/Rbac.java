package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.HttpFilter.PerRoute;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** envoy.filters.http.rbac: allows, denies or only notes requests; shadow rules are evaluated and never enforced. Immutable but for counters. */
public final class Rbac implements FilterStep {

    private static final String NAMESPACE = "envoy.filters.http.rbac";

    private final String name;
    private final @Nullable RbacRules rules;
    private final @Nullable RbacRules shadow;
    private final String shadowPrefix;
    private final Counter allowed;
    private final Counter denied;
    private final Counter shadowAllowed;
    private final Counter shadowDenied;
    /** Route-level policies, compiled when first met; as many as the route tables hold. */
    private final Map<HttpFilter.HttpRbac, Rbac> perRoute = new ConcurrentHashMap<>();
    private final Stats stats;
    private final String statPrefix;

    public Rbac(HttpFilter.HttpRbac model, Stats stats, String statPrefix) {
        this.stats = stats;
        this.statPrefix = statPrefix;
        name = model.name();
        rules = model.rules() == null ? null : new RbacRules(model.rules());
        shadow = model.shadowRules() == null ? null : new RbacRules(model.shadowRules());
        shadowPrefix = model.shadowStatPrefix();
        allowed = stats.counter(statPrefix + "rbac.allowed");
        denied = stats.counter(statPrefix + "rbac.denied");
        shadowAllowed = stats.counter(statPrefix + "rbac." + shadowPrefix + "shadow_allowed");
        shadowDenied = stats.counter(statPrefix + "rbac." + shadowPrefix + "shadow_denied");
    }

    @Override
    public Verdict onRequest(FilterContext context) {
        Rbac inForce = inForce(context);
        return inForce == null ? Verdict.NEXT : inForce.check(context);
    }

    /** What the request's route makes of this filter; null: nothing. */
    private @Nullable Rbac inForce(FilterContext context) {
        PerRoute config = context.perRoute(name);
        if (config instanceof PerRoute.Disabled) {
            return null;
        }
        if (config instanceof PerRoute.RbacPerRoute(HttpFilter.HttpRbac own)) {
            return own == null ? null : perRoute.computeIfAbsent(own, o -> new Rbac(o, stats, statPrefix));
        }
        return this;
    }

    /** Response code details of the denial that this request would get, or null. Counts nothing. */
    public @Nullable String wouldDeny(FilterContext context) {
        Rbac inForce = inForce(context);
        RbacRules enforced = inForce == null ? null : inForce.rules;
        if (enforced == null) {
            return null;
        }
        String policy = enforced.match(context);
        return enforced.allows(policy) ? null : details(policy);
    }

    private static String details(@Nullable String policy) {
        return "rbac_access_denied_matched_policy[" + (policy == null ? "none" : policy.replace(' ', '_')) + "]";
    }

    private Verdict check(FilterContext context) {
        if (shadow != null) {
            String policy = shadow.match(context);
            boolean pass = shadow.allows(policy);
            (pass ? shadowAllowed : shadowDenied).inc();
            note(context, shadowPrefix + "shadow_", policy, pass);
        }
        if (rules == null) {
            return Verdict.NEXT;
        }
        String policy = rules.match(context);
        boolean pass = rules.allows(policy);
        note(context, "enforced_", policy, pass);
        if (pass) {
            allowed.inc();
            return Verdict.NEXT;
        }
        denied.inc();
        context.flow.reply(new LocalReply(403, "RBAC: access denied", details(policy), null));
        return Verdict.STOP;
    }

    private static void note(FilterContext context, String prefix, @Nullable String policy, boolean pass) {
        Map<String, Object> tree = context.info.dynamicMetadata().computeIfAbsent(NAMESPACE, n -> new HashMap<>(8));
        if (policy != null) {
            tree.put(prefix + "effective_policy_id", policy);
        }
        tree.put(prefix + "engine_result", pass ? "allowed" : "denied");
    }
}
