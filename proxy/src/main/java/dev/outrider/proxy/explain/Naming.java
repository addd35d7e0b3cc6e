package dev.outrider.proxy.explain;

import dev.outrider.dns.DnsShim;
import dev.outrider.dns.Explanation;
import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The addresses of a name, as a program on this machine would get them. Waits for DNS. */
final class Naming {

    static final String STAGE = "name";

    /** The shim gives up on resolvers after five. */
    private static final int PATIENCE_SECONDS = 6;

    private final @Nullable DnsShim dns;

    Naming(@Nullable DnsShim dns) {
        this.dns = dns;
    }

    /** {@code address} null: there is none, and {@code step} says why. */
    record Found(Step step, @Nullable InetAddress address) {}

    Found find(String host) {
        try {
            return new Found(Step.ok(STAGE, host + " is an address"), Cidr.ipLiteral(host));
        } catch (IllegalArgumentException e) {
            DnsShim shim = dns;
            return shim == null ? byHost(host) : byShim(shim, host);
        }
    }

    private static Found byShim(DnsShim shim, String host) {
        try {
            Explanation v4 = shim.explain(host, "A").get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            List<InetAddress> all = addresses(v4);
            Explanation answer = all.isEmpty() ? shim.explain(host, "AAAA").get(PATIENCE_SECONDS, TimeUnit.SECONDS) : v4;
            all = all.isEmpty() ? addresses(answer) : all;
            String source = answer.source() + ", " + answer.why();
            if (all.isEmpty()) {
                return new Found(Step.problem(STAGE, host + " has no address: " + answer.rcode() + " (" + source + ")",
                        "write it whole (name.namespace.svc.cluster.local); 'outrider dns dump' lists the names of the mesh"), null);
            }
            List<String> others = all.stream().skip(1).map(address -> "also " + address.getHostAddress()).toList();
            return new Found(Step.ok(STAGE, host + " is " + all.getFirst().getHostAddress() + " (" + source + ")", others), all.getFirst());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Found(Step.problem(STAGE, String.valueOf(cause.getMessage()), "a name such as productpage.default.svc.cluster.local is expected"), null);
        } catch (TimeoutException e) {
            return new Found(Step.problem(STAGE, host + ": no answer within " + PATIENCE_SECONDS + " s", "'outrider dns dump' shows which resolvers answer"), null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Found(Step.problem(STAGE, "the process ends", "ask again"), null);
        }
    }

    private static List<InetAddress> addresses(Explanation answer) {
        List<InetAddress> all = new ArrayList<>();
        for (String record : answer.records()) {
            String[] field = record.split(" ", 4);
            if (field.length == 4 && (field[2].equals("A") || field[2].equals("AAAA"))) {
                all.add(Cidr.ipLiteral(field[3]));
            }
        }
        return all;
    }

    private static Found byHost(String host) {
        try {
            List<InetAddress> all = Arrays.asList(InetAddress.getAllByName(host));
            return new Found(Step.ok(STAGE, host + " is " + all.getFirst().getHostAddress() + " (the machine's own resolver; this process answers no DNS)"), all.getFirst());
        } catch (UnknownHostException e) {
            return new Found(Step.problem(STAGE, host + " is not known to the machine's resolver, and this process answers no DNS",
                    "switch DNS on (dns.enabled), or add the name to the machine's DNS"), null);
        }
    }
}
