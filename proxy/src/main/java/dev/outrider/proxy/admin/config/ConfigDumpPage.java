package dev.outrider.proxy.admin.config;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** {@code /config_dump}: envoy.admin.v3.ConfigDump as {@code istioctl proxy-config} reads it. */
public final class ConfigDumpPage implements AdminPage {

    /** Type of one element of each list, for {@code @type} when it stands alone. */
    private static final Map<String, String> ELEMENTS = Map.ofEntries(
            Map.entry("static_clusters", "ClustersConfigDump.StaticCluster"),
            Map.entry("dynamic_active_clusters", "ClustersConfigDump.DynamicCluster"),
            Map.entry("dynamic_warming_clusters", "ClustersConfigDump.DynamicCluster"),
            Map.entry("static_listeners", "ListenersConfigDump.StaticListener"),
            Map.entry("dynamic_listeners", "ListenersConfigDump.DynamicListener"),
            Map.entry("static_route_configs", "RoutesConfigDump.StaticRouteConfig"),
            Map.entry("dynamic_route_configs", "RoutesConfigDump.DynamicRouteConfig"),
            Map.entry("static_endpoint_configs", "EndpointsConfigDump.StaticEndpointConfig"),
            Map.entry("dynamic_endpoint_configs", "EndpointsConfigDump.DynamicEndpointConfig"),
            Map.entry("static_secrets", "SecretsConfigDump.StaticSecret"),
            Map.entry("dynamic_active_secrets", "SecretsConfigDump.DynamicSecret"),
            Map.entry("dynamic_warming_secrets", "SecretsConfigDump.DynamicSecret"));

    private final AdminState state;

    public ConfigDumpPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/config_dump";
    }

    @Override
    public String purpose() {
        return "dump current Envoy configs (experimental): include_eds, resource, mask, name_regex";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        Predicate<String> names = n -> true;
        if (request.has("name_regex")) {
            try {
                Pattern pattern = Pattern.compile(request.value("name_regex"));
                names = n -> pattern.matcher(n).matches();
            } catch (PatternSyntaxException e) {
                return AdminResponse.text(400, "Error while parsing name_regex from " + request.value("name_regex") + ": " + e.getDescription() + "\n");
            }
        }
        DumpTree tree = new DumpTree(state.configDump(), names);
        String resource = request.value("resource");
        if (!resource.isEmpty()) {
            return one(tree.sections(true), resource, request.value("mask"));
        }
        List<Map<String, Object>> sections = tree.sections(request.flag("include_eds"));
        return AdminResponse.json(Map.of("configs", masked(sections, request.value("mask"))));
    }

    private static AdminResponse one(List<Map<String, Object>> sections, String resource, String mask) {
        for (Map<String, Object> section : sections) {
            if (section.get(resource) instanceof List<?> elements) {
                List<Object> typed = new ArrayList<>();
                for (Object element : elements) {
                    Map<Object, Object> one = new LinkedHashMap<>();
                    one.put("@type", "type.googleapis.com/envoy.admin.v3." + ELEMENTS.get(resource));
                    ((Map<?, ?>) element).forEach(one::put);
                    typed.add(one);
                }
                return AdminResponse.json(Map.of("configs", masked(typed, mask)));
            }
            if (resource.equals("bootstrap") && section.containsKey(resource)) {
                return AdminResponse.json(Map.of("configs", masked(List.of(section), mask)));
            }
        }
        // Known, only empty just now: an empty dump. Envoy says 404 for that too, which looks like a misspelt name.
        return ELEMENTS.containsKey(resource)
                ? AdminResponse.json(Map.of())
                : AdminResponse.text(404, resource + " not found in config dump");
    }

    private static List<?> masked(List<?> configs, String mask) {
        if (mask.isEmpty()) {
            return configs;
        }
        FieldMask fields = new FieldMask(mask);
        return configs.stream().map(fields::apply).toList();
    }
}
