package dev.outrider.proxy.app;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is read without picocli is what picocli would have read. */
class QuickOptionsTest {

    private static Map<String, String> values(Object command) throws IllegalAccessException {
        Map<String, String> all = new TreeMap<>();
        for (Field field : command.getClass().getDeclaredFields()) {
            field.setAccessible(true);
            if (field.isAnnotationPresent(Option.class)) {
                all.put(field.getName(), String.valueOf(field.get(command)));
            } else if (field.isAnnotationPresent(Mixin.class)) {
                all.putAll(values(Objects.requireNonNull(field.get(command))));
            }
        }
        return all;
    }

    private static void same(Supplier<QuickOptions> command, List<String> arguments) throws IllegalAccessException {
        QuickOptions quick = command.get();
        assertTrue(QuickOptions.read(quick, arguments), arguments.toString());
        QuickOptions slow = command.get();
        new CommandLine(slow).parseArgs(arguments.toArray(String[]::new));
        assertEquals(values(slow), values(quick));
    }

    @Test
    void everyValueIsTheSame() throws IllegalAccessException {
        same(ProxyCommand::new, List.of());
        same(ProxyCommand::new, List.of("-c", "a file.yaml", "--config-yaml={a: b=c}", "--concurrency", "3", "--state", "/s", "--drain-time-s=7", "-l", "debug",
                "--service-node", "n", "--service-cluster", "k", "--component-log-level", "a:b", "--log-path", "/l", "--admin-address-path", "/p",
                "--dns-listen", "127.0.0.1:53,[::1]:53", "--dns-upstream", "10.0.0.1"));
        same(ProxyCommand::new, List.of("--config-path", "x", "--log-level", "off"));
        same(RunCommand::new, List.of());
        same(RunCommand::new, List.of("--root", "/r", "--take-over", "--concurrency=1", "--drain-time-s", "9", "-l", "info", "--config-yaml", "{}", "--print-bootstrap",
                "--dns-listen", "127.0.0.1:53"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--help", "-h", "positional", "--concurrency x", "--concurrency 1 --concurrency 2", "--config-yaml", "--config-yaml=", "-c -l", "-c @file", "--unknown 1",
        "--mode validate", "--disable-hot-restart"
    })
    void theUnusualIsPicocliS(String line) {
        assertFalse(QuickOptions.read(new ProxyCommand(), new ArrayList<>(List.of(line.split(" ")))));
    }
}
