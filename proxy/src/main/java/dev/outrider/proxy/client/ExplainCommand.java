package dev.outrider.proxy.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outrider explain}: a request followed through the running sidecar. 0 = it would work, 1 = it would not, 2 = nobody could be asked. */
@Command(name = "explain", description = {
    "Follows one request through the running sidecar: name, address, rules, listener, chain, route, cluster, endpoint.",
    "Exit status: 0 when it would work, 1 when it would not, 2 when the sidecar could not be asked."})
public final class ExplainCommand implements Callable<Integer> {

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Mixin
    private AdminCall admin = new AdminCall();

    @Parameters(index = "0", arity = "0..1", paramLabel = "HOST[:PORT]", description = "what a program of this machine would call")
    private String destination = "";

    @Option(names = "--inbound", paramLabel = "PORT", description = "a call from elsewhere to this port of this machine, by mutual TLS and in plaintext")
    private @Nullable Integer inbound;

    @Option(names = "--dial", description = "open a connection to the endpoint, and say who is there")
    private boolean dial;

    @Option(names = "--path", paramLabel = "PATH", description = "of an HTTP request, default ${DEFAULT-VALUE}")
    private String path = "/";

    @Option(names = "--tls", description = "the program speaks TLS itself; default: where the mesh has a chain for that name, or at port 443")
    private boolean tls;

    @Option(names = "--plaintext", description = "it does not")
    private boolean plaintext;

    @Option(names = "--as", paramLabel = "USER", description = "the user whose program it is, by name or number; default: who asks")
    private String user = "";

    @Option(names = "--from", paramLabel = "SPIFFE-ID", description = "with --inbound: the caller, for policies that ask for one")
    private String from = "";

    @Override
    public Integer call() throws IOException {
        Map<String, String> question = new LinkedHashMap<>();
        if (inbound != null) {
            question.put("inbound", inbound.toString());
            question.put("from", from);
        } else if (destination.isEmpty()) {
            return refuse("name a HOST[:PORT], or a port with --inbound");
        } else if (!caller(question)) {
            return refuse("there is no user '" + user + "' in /etc/passwd");
        } else {
            destination(question);
        }
        question.put("path", path);
        if (dial) {
            question.put("dial", "true");
        }
        return admin.printAnswered(dial ? "POST" : "GET", "/explain", question);
    }

    private static int refuse(String why) {
        System.err.println("outrider explain: " + why);
        return 2;
    }

    private void destination(Map<String, String> question) {
        int colon = destination.lastIndexOf(':');
        boolean address6 = destination.indexOf(':') != colon && !destination.startsWith("[");
        boolean port = colon > 0 && !address6 && !destination.endsWith("]");
        String host = port ? destination.substring(0, colon) : destination;
        question.put("host", host.replaceAll("^\\[|]$", ""));
        if (port) {
            question.put("port", destination.substring(colon + 1));
        }
        if (tls || plaintext) {
            question.put("wire", tls ? "tls" : "plaintext");
        }
    }

    /** Whether the user is known. */
    private boolean caller(Map<String, String> question) throws IOException {
        if (user.isEmpty()) {
            Map<String, Object> self = Files.readAttributes(Path.of("/proc/self"), "unix:uid,gid");
            return put(question, System.getProperty("user.name", ""), String.valueOf(self.get("uid")), String.valueOf(self.get("gid")));
        }
        for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
            String[] field = line.split(":", -1);
            if (field.length > 3 && (field[0].equals(user) || field[2].equals(user))) {
                return put(question, field[0], field[2], field[3]);
            }
        }
        return user.matches("[0-9]{1,9}") && put(question, "", user, "");
    }

    private static boolean put(Map<String, String> question, String name, String uid, String gid) {
        question.put("user", name);
        question.put("uid", uid);
        if (!gid.isEmpty()) {
            question.put("gid", gid);
        }
        return true;
    }
}
