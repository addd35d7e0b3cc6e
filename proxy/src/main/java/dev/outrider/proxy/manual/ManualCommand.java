package dev.outrider.proxy.manual;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outrider manual DIR}: what a package installs below /usr/share. Same input, same bytes. */
@Command(description = "Writes man pages and shell completion below a directory, as a package installs them below /usr/share.")
public final class ManualCommand implements Callable<Integer> {

    /** Byte 8 of a gzip header, and "slowest algorithm" (RFC 1952): how others see that the best compression was asked for. */
    private static final int EXTRA_FLAGS = 8;

    private static final byte SLOWEST = 2;

    private final Supplier<CommandLine> commands;
    private final Map<String, String> summaries;
    private final String version;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Parameters(index = "0", paramLabel = "DIR")
    private Path directory = Path.of(".");

    @Option(names = "--changelog", paramLabel = "FILE", description = "also that file, compressed, into doc/outrider")
    private @Nullable Path changelog;

    /** @param commands with every verb as a subcommand; {@code summaries} has them in the order of the help */
    public ManualCommand(Supplier<CommandLine> commands, Map<String, String> summaries, String version) {
        this.commands = commands;
        this.summaries = summaries;
        this.version = version;
    }

    @Override
    public Integer call() throws IOException {
        CommandLine all = commands.get();
        compressed("man/man8/outrider.8.gz", CommandPage.of(all, summaries, version));
        compressed("man/man8/node_agent.8.gz", ".so man8/outrider.8\n");
        compressed("man/man5/outrider.yaml.5.gz", SettingsPage.of(version));
        // It is read by a shell, not run: without the line that says by what to run it, and without the time of writing.
        String completion = AutoComplete.bash("outrider", all).replaceFirst("^#!.*\n", "").replaceAll("(?m)^# Generated .*$", "");
        plain("bash-completion/completions/outrider", completion);
        plain("zsh/vendor-completions/_outrider", """
                #compdef outrider
                autoload -U +X bashcompinit && bashcompinit
                source /usr/share/bash-completion/completions/outrider
                """);
        Path log = changelog;
        if (log != null) {
            compressed("doc/outrider/changelog.gz", Files.readString(log));
        }
        return 0;
    }

    private Path place(String name) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        return file;
    }

    private void plain(String name, String text) throws IOException {
        Files.writeString(place(name), text);
    }

    private void compressed(String name, String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new BestGzip(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        byte[] file = bytes.toByteArray();
        file[EXTRA_FLAGS] = SLOWEST;
        Files.write(place(name), file);
    }

    private static final class BestGzip extends GZIPOutputStream {

        BestGzip(ByteArrayOutputStream to) throws IOException {
            super(to);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
