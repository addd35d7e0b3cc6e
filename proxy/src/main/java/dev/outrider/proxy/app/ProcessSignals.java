package dev.outrider.proxy.app;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * SIGTERM and SIGINT: the first ends the process gracefully, the second at once. Shutdown hooks cannot do that, as the JVM exits with 143
 * after them and hears no further signal; {@code sun.misc.Signal} is reached by reflection because javac warns of it without end.
 */
final class ProcessSignals {

    private ProcessSignals() {}

    static void onTermination(Runnable first, IntConsumer halt) {
        AtomicInteger seen = new AtomicInteger();
        Runnable ending = () -> {
            if (seen.getAndIncrement() == 0) {
                first.run();
            } else {
                halt.accept(1);
            }
        };
        if (!on(ending, "TERM", "INT")) {
            // A runtime image without jdk.unsupported: graceful all the same, though with the JVM's exit code.
            Runtime.getRuntime().addShutdownHook(new Thread(first, "terminate"));
        }
    }

    /** Runs {@code action} at each of the signals from now on; false where the JVM leaves none to us. */
    static boolean on(Runnable action, String... signals) {
        InvocationHandler handler = (proxy, method, args) -> {
            if (method.getName().equals("handle")) {
                action.run();
                return null;
            }
            return switch (method.getName()) {
                case "equals" -> proxy == args[0];
                case "hashCode" -> System.identityHashCode(proxy);
                default -> "signal";
            };
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(ProcessSignals.class.getClassLoader(), new Class<?>[] {type}, handler);
            for (String name : signals) {
                signal.getMethod("handle", signal, type).invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
