package dev.outrider.proxy.app;

import dev.outrider.proxy.machine.PortIdentity;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import dev.outrider.proxy.machine.setting.SampleFile;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outrider config show|check|sample}: what holds on this machine and who said it; a wrong value names itself, its file and line. */
@Command(mixinStandardHelpOptions = true, description = "Shows what this machine's files say together.")
final class ConfigCommand implements Callable<Integer> {
    enum Operation { show, check, sample }

    @Parameters(index = "0", defaultValue = "show", description = "show: what holds; check: errors only; sample: a commented outrider.yaml. (${COMPLETION-CANDIDATES})")
    private Operation operation = Operation.show;

    @Option(names = "--origin", description = "also print file and line of each value")
    private boolean origin;

    @Option(names = "--json", description = "for scripts")
    private boolean json;

    @Option(names = "--root", paramLabel = "DIR", description = "read the files below DIR, default ${DEFAULT-VALUE}")
    private Path root = Path.of("/");

    @Override
    public Integer call() {
        if (operation == Operation.sample) {
            System.out.print(SampleFile.text());
            return 0;
        }
        EffectiveSettings settings = EffectiveSettings.read(new Places(root));
        List<String> errors = new ArrayList<>(settings.errors());
        try {
            PortIdentity.all(settings);
        } catch (IllegalArgumentException e) {
            errors.add(e.getMessage());
        }
        errors.forEach(System.err::println);
        if (operation == Operation.show) {
            if (json) {
                printJson(settings, System.out);
            } else {
                printText(settings, System.out);
            }
        }
        return errors.isEmpty() ? 0 : 1;
    }

    private void printText(EffectiveSettings settings, PrintStream out) {
        settings.effective().forEach(value -> line(out, value.setting().path(), value.text(), value.origin()));
        settings.others().forEach((name, value) -> line(out, "environment." + name, value.text(), value.origin()));
    }

    private void line(PrintStream out, String name, String text, String from) {
        String value = text.isEmpty() ? "-" : text;
        out.println(origin ? String.format("%-36s %-40s %s", name, value, from) : String.format("%-36s %s", name, value));
    }

    private static void printJson(EffectiveSettings settings, PrintStream out) {
        Map<String, Object> all = new LinkedHashMap<>();
        settings.effective().forEach(value -> all.put(value.setting().path(), Map.of("value", value.text(), "origin", value.origin())));
        settings.others().forEach((name, value) -> all.put("environment." + name, Map.of("value", value.text(), "origin", value.origin())));
        out.println(new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.FLOW).setDefaultScalarStyle(ScalarStyle.JSON_SCALAR_STYLE).setWidth(Integer.MAX_VALUE).build())
                .dumpToString(all).strip());
    }
}
