package dev.outrider.bench;

import dev.outrider.bench.jmh.AllocationsCommand;
import dev.outrider.bench.soak.SoakCommand;
import dev.outrider.bench.training.StoreCommand;
import dev.outrider.bench.training.TrainCommand;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** {@code outrider bench [VERB]}: without a verb, the comparison with the peers. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        Callable<Integer> verb = switch (args.length == 0 ? "" : args[0]) {
            case "allocations" -> new AllocationsCommand();
            case "soak" -> new SoakCommand();
            case "train" -> new TrainCommand();
            case "store" -> new StoreCommand();
            default -> new CompareCommand();
        };
        String[] options = verb instanceof CompareCommand ? args : Arrays.copyOfRange(args, 1, args.length);
        System.exit(new CommandLine(verb).execute(options));
    }
}
