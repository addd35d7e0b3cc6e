package dev.outrider.proxy.admin.stats;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.telemetry.JsonStats;
import dev.outrider.proxy.telemetry.StatsView;
import dev.outrider.proxy.telemetry.TextStats;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code /stats}: text, JSON or Prometheus; {@code filter} is an RE2 expression searched in the name. */
public final class StatsPage implements AdminPage {

    private final AdminState state;

    public StatsPage(AdminState state) {
        this.state = state;
    }


    @Override
    public String path() {
        return "/stats";
    }

    @Override
    public String purpose() {
        return "print server stats: format, usedonly, type, filter";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        String format = request.value("format");
        return switch (format) {
            case "", "text" -> shown(state.stats(), request, v -> AdminResponse.text(TextStats.render(v)));
            case "json" -> shown(state.stats(), request, v -> AdminResponse.of("application/json", JsonStats.render(v)));
            case "prometheus" -> prometheus(state.stats(), request);
            default -> AdminResponse.text(400, "usage: /stats?format=(json|prometheus|text)\n\n");
        };
    }

    static AdminResponse prometheus(AdminState.StatsPages stats, AdminRequest request) {
        return shown(stats, request, v -> AdminResponse.of("text/plain; version=0.0.4; charset=utf-8", stats.prometheus().render(v)));
    }

    private static AdminResponse shown(AdminState.StatsPages stats, AdminRequest request, Function<StatsView, AdminResponse> rendered) {
        Pattern filter = null;
        if (!request.value("filter").isEmpty()) {
            try {
                filter = Pattern.compile(request.value("filter"));
            } catch (PatternSyntaxException e) {
                return AdminResponse.text(400, "Invalid re2 regex: " + e.getDescription() + "\n");
            }
        }
        StatsView.Type type = type(request.value("type"));
        if (type == null) {
            return AdminResponse.text(400, "invalid &type= param, expected one of All, Counters, Gauges, Histograms, TextReadouts\n");
        }
        return rendered.apply(new StatsView(stats.stats(), stats.matcher(), request.has("usedonly"), filter, type));
    }

    private static StatsView.@Nullable Type type(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "", "all" -> StatsView.Type.ALL;
            case "counters" -> StatsView.Type.COUNTERS;
            case "gauges" -> StatsView.Type.GAUGES;
            case "histograms" -> StatsView.Type.HISTOGRAMS;
            case "textreadouts" -> StatsView.Type.TEXT_READOUTS;
            default -> null;
        };
    }
}
