package dev.outrider.bench.soak;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.ProcFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process under soak and how it is read: the kernel's figures, and its own of memory after a collection that the JDK's jcmd asks for. One thread. */
record Watched(Child child, int adminPort) {

    private static final double MEGA = 1024 * 1024;

    Reading read(double minute) {
        collect();
        String memory = memoryPage();
        double direct = number(memory, "total_thread_cache") / MEGA;
        return new Reading(
                minute,
                child.memory().rss() / 1024.0,
                number(memory, "allocated") / MEGA - direct,
                direct,
                ProcFiles.descriptors(child.pid()));
    }

    private void collect() {
        try {
            Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(child.pid()), "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException("jcmd cannot reach " + child.name() + ": " + child.lastWords());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the soak needs a JDK with jcmd", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String memoryPage() {
        try (InputStream in = URI.create("http://127.0.0.1:" + adminPort + "/memory").toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(child.name() + " does not answer on its admin port", e);
        }
    }

    private static double number(String json, String field) {
        Matcher matcher = Pattern.compile("\"" + field + "\"\\s*:\\s*\"?(\\d+)").matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + field + " in /memory: " + json);
        }
        return Double.parseDouble(matcher.group(1));
    }
}
