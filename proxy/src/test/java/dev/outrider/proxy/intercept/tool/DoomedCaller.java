package dev.outrider.proxy.intercept.tool;

import java.nio.file.Path;
import java.util.List;

/** A process of its own that is killed while its tool is at work. Arguments: the state directory, the tool's shell script. */
final class DoomedCaller {

    private DoomedCaller() {}

    public static void main(String[] args) throws Exception {
        var unused = new SystemRuleRunner(Path.of(args[0])).change(List.of("sh", "-c", args[1]), "");
    }
}
