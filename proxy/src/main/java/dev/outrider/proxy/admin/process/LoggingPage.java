package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@code /logging}: shows levels and changes them: {@code ?level=L} for all, {@code ?NAME=L} for one component, {@code ?paths=A:L,B:L}.
 * Components are the packages of the process (and {@code grpc}, {@code netty}), under java.util.logging.
 */
public final class LoggingPage implements AdminPage {

    /** Envoy's names for the levels, least severe first. */
    private static final Map<String, Level> LEVELS = Map.of(
            "trace", Level.FINEST, "debug", Level.FINE, "info", Level.INFO, "warning", Level.WARNING, "warn", Level.WARNING,
            "error", Level.SEVERE, "critical", Level.SEVERE, "off", Level.OFF);

    /** Held here, as java.util.logging forgets the levels of loggers that nothing else refers to. */
    private final Map<String, Logger> components = new TreeMap<>();

    public LoggingPage() {
        for (String part : List.of("admin", "app", "datapath", "identity", "intercept", "telemetry")) {
            components.put(part, Logger.getLogger("dev.outrider.proxy." + part));
        }
        components.put("dns", Logger.getLogger("dev.outrider.dns"));
        components.put("xds", Logger.getLogger("dev.outrider.xds"));
        components.put("grpc", Logger.getLogger("io.grpc"));
        components.put("netty", Logger.getLogger("io.netty"));
    }

    @Override
    public String path() {
        return "/logging";
    }

    @Override
    public String purpose() {
        return "query/change logging levels";
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        List<Runnable> changes = new ArrayList<>();
        for (Map.Entry<String, String> parameter : request.query().entrySet()) {
            String error = parameter.getKey().equals("paths")
                    ? paths(parameter.getValue(), changes)
                    : change(parameter.getKey(), parameter.getValue(), changes);
            if (error != null) {
                return AdminResponse.text(400, error + "\n");
            }
        }
        changes.forEach(Runnable::run);
        StringBuilder out = new StringBuilder("active loggers:\n");
        components.forEach((name, logger) -> out.append("  ").append(name).append(": ").append(levelOf(logger)).append('\n'));
        return AdminResponse.text(out.append('\n').toString());
    }

    private @Nullable String paths(String list, List<Runnable> changes) {
        for (String pair : list.split(",", -1)) {
            int colon = pair.indexOf(':');
            String error = change(colon < 0 ? pair : pair.substring(0, colon), colon < 0 ? "" : pair.substring(colon + 1), changes);
            if (error != null) {
                return error;
            }
        }
        return null;
    }

    private @Nullable String change(String name, String levelName, List<Runnable> changes) {
        Level level = LEVELS.get(levelName);
        if (level == null) {
            return "error: invalid logger level";
        }
        if (name.equals("level")) {
            components.values().forEach(l -> changes.add(() -> l.setLevel(level)));
            return null;
        }
        Logger logger = components.get(name);
        if (logger == null) {
            return "error: unknown logger name";
        }
        changes.add(() -> logger.setLevel(level));
        return null;
    }

    private static String levelOf(Logger logger) {
        for (Logger l = logger; l != null; l = l.getParent()) {
            Level level = l.getLevel();
            if (level != null) {
                return nameOf(level);
            }
        }
        return "info";
    }

    private static String nameOf(Level level) {
        int value = level.intValue();
        if (value == Level.OFF.intValue()) {
            return "off";
        }
        if (value >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (value >= Level.WARNING.intValue()) {
            return "warning";
        }
        if (value >= Level.INFO.intValue()) {
            return "info";
        }
        return value >= Level.FINE.intValue() ? "debug" : "trace";
    }
}
