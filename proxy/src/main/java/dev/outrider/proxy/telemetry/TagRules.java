package dev.outrider.proxy.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Takes names apart by Envoy's default rules (source/common/config/well_known_names.cc) and those of the bootstrap's stats_config. Results
 * are remembered, as the same names are scraped again and again. Any thread.
 */
public final class TagRules {

    /** Names come and go with clusters: beyond this many remembered ones all are forgotten. */
    private static final int REMEMBERED = 100_000;

    private static final List<TagRule> DEFAULTS = List.of(
            TagRule.regex("envoy.response_code", "_rq(_(\\d{3}))$"),
            TagRule.regex("envoy.response_code_class", "_rq_((\\d))xx$"),
            TagRule.regex("envoy.http_conn_manager_prefix", "^listener(?=\\.).*?\\.http\\.((.*?)\\.)"),
            TagRule.regex("envoy.listener_address", "^listener\\.((?!admin\\.)((?:[_.\\d\\[\\]aAbBcCdDeEfF]+|[^.]+?))\\.)"),
            TagRule.regex("envoy.worker_id", "^(?:listener_manager|server|listener)\\.(worker_(\\d+)\\.)"),
            TagRule.regex("envoy.virtual_host", "^vhost\\.((.*?)\\.)"),
            TagRule.regex("envoy.virtual_cluster", "^vhost\\.vcluster\\.((.*?)\\.)"),
            TagRule.regex("envoy.route", "^vhost\\.route\\.((.*?)\\.)"),
            TagRule.regex("envoy.http_user_agent", "^http\\..*?\\.user_agent\\.((.+?)\\.)\\w+?$"),
            TagRule.regex("envoy.rds_route_config", "^http\\.[^.]*\\.rds\\.((.+?)\\.)\\w+?$"),
            TagRule.regex("envoy.http_conn_manager_prefix", "^http\\.((.*?)\\.)"),
            TagRule.regex("envoy.tcp_prefix", "^tcp\\.((.*?)\\.)\\w+?$"),
            TagRule.regex("envoy.ssl_cipher", "\\.ssl\\.ciphers(\\.(.+?))$"),
            TagRule.regex("envoy.cluster_name", "^cluster\\.((.*?)\\.)"));

    private final List<TagRule> rules;
    private final ConcurrentHashMap<String, TaggedName> known = new ConcurrentHashMap<>();

    /** {@code custom} rules are tried before the default ones, which {@code useDefaults} turns off. */
    public TagRules(List<TagRule> custom, boolean useDefaults) {
        List<TagRule> all = new ArrayList<>(custom);
        if (useDefaults) {
            all.addAll(DEFAULTS);
        }
        rules = List.copyOf(all);
    }

    public static TagRules defaults() {
        return new TagRules(List.of(), true);
    }

    public TaggedName take(String name) {
        TaggedName before = known.get(name);
        if (before != null) {
            return before;
        }
        if (known.size() > REMEMBERED) {
            known.clear();
        }
        TaggedName taken = TaggedName.isSelfDescribing(name) ? TaggedName.ofSelfDescribing(name) : apart(name);
        known.put(name, taken);
        return taken;
    }

    private TaggedName apart(String name) {
        List<TaggedName.Tag> tags = new ArrayList<>(3);
        String rest = name;
        for (TagRule rule : rules) {
            rest = rule.apply(rest, tags);
        }
        return new TaggedName(rest, List.copyOf(tags));
    }
}
