package dev.outrider.proxy.explain;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.explicit.ServiceListeners;
import dev.outrider.proxy.datapath.listener.LiveListener;
import dev.outrider.proxy.datapath.protocol.HttpRehearsal;
import dev.outrider.proxy.datapath.protocol.tcp.TcpProxyProgram;
import dev.outrider.proxy.explain.Question.Wire;
import dev.outrider.xds.model.Listener;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Follows requests through the process, in the order in which they pass it. Blocks: on a thread of its own. */
public final class Explainer {

    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    /** Any port that a client's kernel might choose. */
    private static final int CLIENT_PORT = 50_000;
    /** Of another machine: RFC 5737 and RFC 3849. */
    private static final InetAddress ELSEWHERE4 = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress ELSEWHERE6 = InetAddress.ofLiteral("2001:db8::1");

    private final Surroundings process;
    private final Interception interception;

    public Explainer(Surroundings process) {
        this.process = process;
        this.interception = new Interception(process.machine());
    }

    public Trace explain(Question question) {
        return switch (question) {
            case Question.Outbound outbound -> outbound(outbound);
            case Question.Inbound inbound -> inbound(inbound);
        };
    }

    private Trace outbound(Question.Outbound ask) {
        List<Step> steps = new ArrayList<>();
        int port = ask.port() == 0 ? port(ask.host(), steps) : ask.port();
        String of = ask.host() + ":" + port + (ask.caller() == null ? "" : " for " + ask.caller().name());
        Naming.Found name = new Naming(process.dns()).find(ask.host());
        steps.add(name.step());
        if (name.address() != null) {
            outbound(ask, new InetSocketAddress(name.address(), port), steps);
        }
        return new Trace(of, List.of(new Trace.Part("", List.copyOf(steps))));
    }

    private void outbound(Question.Outbound ask, InetSocketAddress asked, List<Step> steps) {
        ChainWalk chains = new ChainWalk(process, steps);
        ServiceListeners services = process.path().services();
        InetSocketAddress service = services == null ? null : services.behind(asked);
        InetSocketAddress to = service == null ? asked : service;
        LiveListener listener = chains.bound(to);
        if (service != null) {
            steps.add(Step.ok(Interception.STAGE, "the service has this listener for programs that are not captured: it goes on as if captured on its way to "
                    + NetUtil.toSocketAddressString(service)));
            listener = chains.capturing(Listener.Direction.OUTBOUND, 0, to);
        } else if (listener == null) {
            Interception.Taken taken = interception.outbound(to, ask.caller());
            steps.add(taken.step());
            listener = chains.capturing(Listener.Direction.OUTBOUND, taken.port(), to);
        }
        if (listener == null) {
            return;
        }
        InetSocketAddress from = new InetSocketAddress(process.address(), CLIENT_PORT);
        Rehearsal secure = new Rehearsal(from, to, true, ask.host(), List.of("h2", "http/1.1"));
        boolean tls = ask.wire() == Wire.TLS || ask.wire() == Wire.AUTO && speaksTls(listener, secure);
        ChainWalk.Served served = chains.chain(listener, tls ? secure : new Rehearsal(from, to, false, "", List.of()),
                "the client speaks another protocol than the service's port declares; --tls and --plaintext say what it speaks");
        if (served == null) {
            return;
        }
        String authority = to.getPort() == HTTP ? ask.host() : ask.host() + ":" + to.getPort();
        HttpRehearsal http = HttpRehearsal.of(served.chain().program());
        if (http != null && tls && served.chain().tls() == null) {
            steps.add(Step.problem(RouteWalk.STAGE, "the client would speak TLS where the mesh expects HTTP: 400", "name the port tls or https in its Service, or have the client speak HTTP"));
            return;
        }
        finish(served, http, new Way(to, authority, ask.path(), true, ask.dial()), steps);
    }

    /** What is left to know behind the chain. */
    private record Way(InetSocketAddress to, String authority, String path, boolean callerKnown, boolean dial) {}

    private void finish(ChainWalk.Served served, @Nullable HttpRehearsal http, Way way, List<Step> steps) {
        RouteWalk routes = new RouteWalk(steps);
        List<RouteWalk.Choice> choices = List.of();
        if (http != null) {
            choices = routes.http(http, served.connection(), way.authority, way.path, way.callerKnown);
        } else if (served.chain().program() instanceof TcpProxyProgram tcp) {
            choices = routes.tcp(tcp, served.connection(), way.callerKnown);
        }
        ClusterWalk clusters = new ClusterWalk(process, steps);
        for (RouteWalk.Choice choice : choices) {
            Host host = clusters.endpoint(choice, way.to);
            if (host != null && way.dial) {
                steps.add(new Dialling(process.path()).dial(host));
            }
        }
    }

    private static boolean speaksTls(LiveListener listener, Rehearsal secure) {
        var chain = listener.chain(secure.seenBy(listener));
        return chain != null && !chain.model().match().serverNames().isEmpty() || secure.to().getPort() == HTTPS;
    }

    /** The port that is meant where none was said: {@code outbound|PORT|subset|HOST} are istiod's cluster names. */
    private int port(String host, List<Step> steps) {
        TreeSet<Integer> known = new TreeSet<>();
        for (String cluster : process.mesh().get().clusters().keySet()) {
            String[] part = cluster.split("\\|", -1);
            if (part.length == 4 && part[0].equals("outbound") && (part[3].equals(host) || part[3].startsWith(host + ".")) && part[1].matches("[0-9]{1,5}")) {
                known.add(Integer.parseInt(part[1]));
            }
        }
        int chosen = known.isEmpty() || known.contains(HTTP) ? HTTP : known.first();
        if (known.size() > 1) {
            steps.add(Step.note("port", chosen + ", as none was named; the mesh knows " + known.stream().map(String::valueOf).collect(Collectors.joining(", ")), host + ":PORT names another"));
        }
        return chosen;
    }

    private Trace inbound(Question.Inbound ask) {
        InetSocketAddress bound = ChainWalk.bound(process.path(), ask.port());
        InetSocketAddress to = bound == null ? new InetSocketAddress(process.address(), ask.port()) : bound;
        InetSocketAddress from = new InetSocketAddress(process.address() instanceof Inet4Address ? ELSEWHERE4 : ELSEWHERE6, CLIENT_PORT);
        List<Trace.Part> parts = new ArrayList<>();
        String caller = ask.from().isEmpty() ? "a workload of the mesh" : ask.from();
        parts.add(new Trace.Part(caller + ", by mutual TLS", inbound(ask, new Rehearsal(from, to, true, "", Rehearsal.MESH_ALPN))));
        parts.add(new Trace.Part("anybody, in plaintext", inbound(ask, new Rehearsal(from, to, false, "", List.of()))));
        return new Trace("port " + ask.port() + " of this machine", parts);
    }

    private List<Step> inbound(Question.Inbound ask, Rehearsal rehearsal) {
        List<Step> steps = new ArrayList<>();
        ChainWalk chains = new ChainWalk(process, steps);
        LiveListener listener = chains.bound(rehearsal.to());
        if (listener == null) {
            Interception.Taken taken = interception.inbound(rehearsal.to());
            steps.add(taken.step());
            listener = chains.capturing(Listener.Direction.INBOUND, taken.port(), rehearsal.to());
        }
        if (listener == null) {
            return steps;
        }
        ChainWalk.Served served = chains.chain(listener, rehearsal, rehearsal.tls()
                ? "the port takes no mutual TLS (PeerAuthentication DISABLE)"
                : "the port takes mutual TLS alone (PeerAuthentication STRICT): callers need a sidecar");
        if (served == null) {
            return steps;
        }
        boolean secure = rehearsal.tls() && served.chain().tls() != null;
        if (secure && !ask.from().isEmpty()) {
            TlsPeer peer = Rehearsal.peer(ask.from());
            served.connection().tls(peer);
        }
        String authority = rehearsal.to().getAddress().getHostAddress() + ":" + ask.port();
        boolean callerKnown = !secure || !ask.from().isEmpty();
        finish(served, HttpRehearsal.of(served.chain().program()), new Way(rehearsal.to(), authority, ask.path(), callerKnown, ask.dial()), steps);
        return List.copyOf(steps);
    }
}
