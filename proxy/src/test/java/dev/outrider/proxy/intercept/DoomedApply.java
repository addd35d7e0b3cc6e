package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.tool.SystemRuleRunner;
import java.nio.file.Path;

/** A process of its own that applies rules and is killed meanwhile. Arguments: state directory, namespace, case, backend. Begins with a line on its input. */
final class DoomedApply {

    private DoomedApply() {}

    public static void main(String[] args) throws Exception {
        Path state = Path.of(args[0]);
        var interceptor = new Interceptor(Namespaces.runner(args[1], new SystemRuleRunner(state)), state);
        var plan = Cases.plan(args[2]);
        System.out.println("ready");
        System.in.read();
        interceptor.apply(plan, args[3], System.out);
    }
}
