package dev.outrider.bench.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Asks an installed program something. Blocks. */
public final class Tool {

    private Tool() {}

    /** What it prints, without surrounding blanks; "" where the program is absent or fails. */
    public static String says(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? text : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
