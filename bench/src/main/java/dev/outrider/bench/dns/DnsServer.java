package dev.outrider.bench.dns;

import dev.outrider.bench.peer.Tool;
import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Lab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server that knows the mesh's names and asks another one for the rest. */
enum DnsServer {

    UNBOUND {
        @Override
        Child start(Lab lab, int port, int resolver) {
            String forward = "forward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@" + resolver + "\n";
            return unbound(lab, "unbound", Processor.MEASURED, port, DnsNames.localData(), forward);
        }
    },

    OUTRIDER {
        @Override
        Child start(Lab lab, int port, int resolver) {
            return lab.children().start("outrider-dns", Processor.MEASURED, java(lab, ShimMain.class, Integer.toString(port), Integer.toString(resolver)));
        }
    };

    abstract Child start(Lab lab, int port, int resolver);

    /** The resolver behind the servers: answers every name below the public zone at once. */
    static Child resolver(Lab lab, int port) {
        String zone = "  local-zone: \"" + DnsNames.PUBLIC_ZONE + ".\" redirect\n  local-data: \"" + DnsNames.PUBLIC_ZONE + ". 3600 IN A 192.0.2.1\"\n";
        return unbound(lab, "resolver", Processor.LOAD, port, zone, "");
    }

    /** What this workload cannot do without, or "". */
    static String toolsMissing() {
        String unbound = absent("unbound");
        return unbound.isEmpty() ? absent("dnsperf") : unbound;
    }

    private static String absent(String tool) {
        return Tool.says("sh", "-c", "command -v " + tool).isEmpty() ? tool + " is not installed: apt-get install " + tool : "";
    }

    private static Child unbound(Lab lab, String name, Processor processor, int port, String data, String more) {
        String config = lab.file(name + "-" + port + ".conf", """
                server:
                  interface: 127.0.0.1
                  port: %d
                  num-threads: 1
                  do-daemonize: no
                  use-syslog: no
                  username: ""
                  chroot: ""
                  directory: "%s"
                  pidfile: ""
                  access-control: 127.0.0.0/8 allow
                  module-config: "iterator"
                  do-not-query-localhost: no
                  # As much as Outrider asks for; the default loses questions at full rate.
                  so-rcvbuf: 1m
                """.formatted(port, lab.scratch()) + data + "remote-control:\n  control-enable: no\n" + more);
        return lab.children().start(name, processor, List.of("unbound", "-c", config));
    }

    /** A class of this package in a JVM with the flags of the product. */
    static List<String> java(Lab lab, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        Path options = lab.home().resolve("etc/jvm.options");
        if (Files.exists(options)) {
            command.add("@" + options);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
