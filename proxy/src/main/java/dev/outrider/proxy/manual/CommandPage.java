package dev.outrider.proxy.manual;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** outrider(8): every verb with its options, from the commands' own descriptions. */
final class CommandPage {

    private CommandPage() {}

    static String of(CommandLine all, Map<String, String> summaries, String version) {
        Roff page = new Roff("outrider", 8, version, "System administration")
                .section("NAME").text("outrider - the mesh sidecar of this machine")
                .section("SYNOPSIS").paragraph("outrider VERB [options]").paragraph("outrider -c BOOTSTRAP [options]")
                .section("DESCRIPTION")
                .text("Outrider makes a machine outside the cluster a member of an Istio mesh: it takes over the machine's connections, speaks mutual TLS with the machine's "
                        + "identity, answers the mesh's names, and is configured by the mesh's control plane. Options without a verb mean the verb proxy.")
                .section("VERBS");
        summaries.forEach(page::item);
        all.getSubcommands().forEach((name, line) -> verb(page, "outrider " + name, line));
        return page.section("EXIT STATUS").text("0 when it was done, or the answer is yes; 1 when it was not, or the answer is no; 2 for a command line that is wrong, or when nobody could be asked.")
                .section("FILES")
                .item("/etc/outrider/outrider.yaml", "all settings, see outrider.yaml(5)")
                .item("/var/lib/istio/envoy/cluster.env, sidecar.env", "the same under Istio's names")
                .item("/etc/certs", "root-cert.pem, and cert-chain.pem and key.pem when the operator provides them")
                .item("/var/lib/outrider/state", "the last configuration that was good, for a start without control plane")
                .item("/run/outrider/admin.sock", "the admin endpoint for root and the group of the service; also at 127.0.0.1:15000")
                .section("SEE ALSO").text("outrider.yaml(5), systemctl(1), nft(8)")
                .toString();
    }

    private static void verb(Roff page, String name, CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        page.section(name).text(String.join(" ", spec.usageMessage().description()));
        page.paragraph(name + synopsis(spec));
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            describe(page, parameter.paramLabel(), parameter);
        }
        for (OptionSpec option : spec.options()) {
            if (!option.hidden()) {
                describe(page, String.join(", ", option.names()) + value(option), option);
            }
        }
        line.getSubcommands().forEach((sub, inner) -> {
            CommandSpec innerSpec = inner.getCommandSpec();
            page.subsection(name + " " + sub + synopsis(innerSpec)).text(String.join(" ", innerSpec.usageMessage().description()));
            innerSpec.positionalParameters().forEach(parameter -> describe(page, parameter.paramLabel(), parameter));
            innerSpec.options().stream().filter(option -> !option.hidden())
                    .forEach(option -> describe(page, String.join(", ", option.names()) + value(option), option));
        });
    }

    private static void describe(Roff page, String term, ArgSpec argument) {
        page.item(term, String.join(" ", argument.description()));
    }

    private static String synopsis(CommandSpec spec) {
        List<String> words = new ArrayList<>();
        if (spec.options().stream().anyMatch(option -> !option.hidden())) {
            words.add(" [options]");
        }
        spec.positionalParameters().forEach(p -> words.add(p.arity().min() == 0 ? "[" + p.paramLabel() + "]" : p.paramLabel()));
        return String.join(" ", words);
    }

    private static String value(OptionSpec option) {
        return option.arity().max() == 0 ? "" : "=" + option.paramLabel();
    }
}
