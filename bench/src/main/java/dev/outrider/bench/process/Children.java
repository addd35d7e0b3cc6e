package dev.outrider.bench.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;

/**
 * Starts the processes of a run and ends every one of them when the bench ends, also by SIGTERM or Ctrl-C: an orphaned proxy would keep its
 * ports and falsify the next run. Any thread.
 */
public final class Children implements AutoCloseable {

    /** Where a process may run: the measured one alone on its processor, everything else on the other. */
    public enum Processor {
        LOAD(0), MEASURED(1), ANY(-1);

        private final int number;

        Processor(int number) {
            this.number = number;
        }
    }

    /** Output that the bench itself reads instead of a log file. */
    public enum Output { LOG, PIPE }

    private final Path directory;
    private final Set<Child> living = ConcurrentHashMap.newKeySet();
    private final DoubleAdder ended = new DoubleAdder();

    public Children(Path directory) {
        this.directory = directory;
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "bench-children"));
    }

    public Child start(String name, Processor processor, List<String> command) {
        return start(name, processor, Output.LOG, command);
    }

    public Child start(String name, Processor processor, Output output, List<String> command) {
        List<String> line = new ArrayList<>();
        if (processor != Processor.ANY && Runtime.getRuntime().availableProcessors() > 1 || processor == Processor.MEASURED) {
            line.addAll(List.of("taskset", "-c", Integer.toString(processor.number)));
        }
        line.addAll(command);
        File log = directory.resolve(name + ".log").toFile();
        try {
            ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile()).redirectError(ProcessBuilder.Redirect.appendTo(log));
            if (output == Output.LOG) {
                builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log));
            }
            Child child = new Child(name, builder.start(), log.toPath());
            living.add(child);
            return child;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " could not be started: " + e.getMessage(), e);
        }
    }

    /** CPU seconds of the bench and of everything that it has running or ended. */
    public double ownSeconds() {
        double sum = ended.sum() + ProcFiles.cpuSeconds(ProcessHandle.current().pid());
        for (Child child : living) {
            sum += child.cpuSeconds();
        }
        return sum;
    }

    public void end(Child child) {
        if (living.remove(child)) {
            ended.add(child.cpuSeconds());
            child.close();
        }
    }

    @Override
    public void close() {
        for (Child child : List.copyOf(living)) {
            end(child);
        }
    }
}
