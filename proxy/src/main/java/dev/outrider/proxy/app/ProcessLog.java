package dev.outrider.proxy.app;

import dev.outrider.proxy.app.log.LogFiles;
import dev.outrider.proxy.app.sidecar.StartupException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import org.jspecify.annotations.Nullable;

/** The process's own log (not the access log): one line per record on standard error or in a file, levels by Envoy's names. */
final class ProcessLog {

    private static final Map<String, Level> LEVELS = Map.of(
            "trace", Level.FINEST, "debug", Level.FINE, "info", Level.INFO, "warning", Level.WARNING, "warn", Level.WARNING,
            "error", Level.SEVERE, "critical", Level.SEVERE, "off", Level.OFF);

    /** Referred to for as long as the process lives, as java.util.logging forgets unreferenced loggers and their levels. */
    private static final List<Logger> HELD = new ArrayList<>();

    private static volatile @Nullable LogFiles files;

    private ProcessLog() {}

    /** {@code components}: {@code dns:debug,xds:trace}; names are those of {@code /logging}, others of Envoy's are ignored. */
    static void install(String level, String components, @Nullable Path file) throws StartupException {
        Level general = LEVELS.get(level.toLowerCase(Locale.ROOT));
        if (general == null) {
            throw new StartupException("--log-level " + level + ": must be one of trace, debug, info, warning, error, critical, off");
        }
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.addHandler(new Lines(file == null ? System.err : open(file)));
        root.setLevel(general);
        // gRPC and Netty talk to developers: a level lower, unless asked for by name.
        for (String library : List.of("io.grpc", "io.netty", "io.envoyproxy")) {
            level(library, general.intValue() < Level.INFO.intValue() ? general : Level.WARNING);
        }
        for (String pair : components.split(",", -1)) {
            int colon = pair.indexOf(':');
            Level one = colon < 0 ? null : LEVELS.get(pair.substring(colon + 1));
            if (one != null) {
                level(loggerOf(pair.substring(0, colon)), one);
            }
        }
    }

    /** From now on a copy in files of that directory, opened anew by {@link #reopen}; false where that cannot be: the log goes on where it went. */
    static boolean copyTo(Path directory) {
        try {
            LogFiles opened = new LogFiles(directory, new Line());
            files = opened;
            Logger.getLogger("").addHandler(opened);
            return true;
        } catch (IOException e) {
            Logger.getLogger("dev.outrider.proxy.app").warning("no log files in " + directory + ": " + e.getMessage());
            return false;
        }
    }

    static void reopen() {
        LogFiles opened = files;
        try {
            if (opened != null) {
                opened.reopen();
            }
        } catch (IOException e) {
            Logger.getLogger("dev.outrider.proxy.app").warning("a log file cannot be opened again, its lines go on in the one that was moved: " + e.getMessage());
        }
    }

    private static String loggerOf(String component) {
        return switch (component) {
            case "dns", "xds" -> "dev.outrider." + component;
            case "grpc", "netty" -> "io." + component;
            default -> "dev.outrider.proxy." + component;
        };
    }

    private static void level(String name, Level level) {
        Logger logger = Logger.getLogger(name);
        logger.setLevel(level);
        HELD.add(logger);
    }

    private static OutputStream open(Path file) throws StartupException {
        try {
            return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new StartupException("--log-path " + file + ": cannot be written: " + e.getMessage());
        }
    }

    private static final class Lines extends StreamHandler {

        Lines(OutputStream out) {
            super(out, new Line());
            setLevel(Level.ALL);
        }

        @Override
        public synchronized void publish(LogRecord record) {
            super.publish(record);
            flush();
        }
    }

    private static final class Line extends Formatter {

        private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT);
        private static final long PID = ProcessHandle.current().pid();

        @Override
        public String format(LogRecord record) {
            String name = String.valueOf(record.getLoggerName());
            StringBuilder line = new StringBuilder(160).append('[')
                    .append(TIME.format(LocalDateTime.ofInstant(record.getInstant(), ZoneId.systemDefault())))
                    .append("][").append(PID).append("][").append(word(record.getLevel())).append("][")
                    .append(name.startsWith("dev.outrider.") ? name.substring("dev.outrider.".length()) : name)
                    .append("] ").append(printable(formatMessage(record))).append('\n');
            Throwable thrown = record.getThrown();
            if (thrown != null) {
                StringWriter trace = new StringWriter();
                thrown.printStackTrace(new PrintWriter(trace));
                line.append(trace);
            }
            return line.toString();
        }

        /** What came over the wire must not forge lines or drive a terminal. */
        private static String printable(String message) {
            StringBuilder out = new StringBuilder(message.length());
            message.codePoints().forEach(c -> out.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
            return out.toString();
        }

        private static String word(Level level) {
            if (level.intValue() >= Level.SEVERE.intValue()) {
                return "error";
            }
            if (level.intValue() >= Level.WARNING.intValue()) {
                return "warning";
            }
            if (level.intValue() >= Level.INFO.intValue()) {
                return "info";
            }
            return level.intValue() >= Level.FINE.intValue() ? "debug" : "trace";
        }
    }
}
