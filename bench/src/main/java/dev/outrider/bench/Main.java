package dev.outrider.bench;

import picocli.CommandLine;

/** {@code outrider bench [VERB]}: without a verb, the comparison with the peers. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new CompareCommand()).execute(args));
    }
}
