package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.filter.FilterContext;
import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.datapath.filter.FilterStep;
import dev.outrider.proxy.datapath.filter.Rbac;
import dev.outrider.proxy.datapath.protocol.head.XfccHeader;
import dev.outrider.proxy.datapath.route.RouteDecision;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.model.HttpConnectionManager;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/** What a chain's HTTP program would decide about a request that nobody sends: admission and routing by the code that serves, no byte sent. Any thread. */
public final class HttpRehearsal {

    /** Policies are asked without being enforced, so that nothing flows. */
    private static final FilterContext.Flow NO_FLOW = new FilterContext.Flow() {
        @Override
        public void reply(LocalReply reply) {
            throw new IllegalStateException("a rehearsal has nobody to answer");
        }

        @Override
        public void resume() {
            throw new IllegalStateException("a rehearsal waits for nothing");
        }

        @Override
        public EventLoop loop() {
            throw new IllegalStateException("a rehearsal has no loop");
        }
    };

    private final HttpProgram program;

    private HttpRehearsal(HttpProgram program) {
        this.program = program;
    }

    /** Null for a program that serves no HTTP. */
    public static @Nullable HttpRehearsal of(ConnectionProgram program) {
        return program instanceof HttpProgram http ? new HttpRehearsal(http) : null;
    }

    /**
     * What became of the request.
     *
     * @param status of the proxy's own answer when it is refused or denied, else 0
     * @param why response code details of that answer
     * @param decision null: no route, or refused before
     */
    public record Outcome(int status, String why, @Nullable RouteDecision decision) {}

    public HttpConnectionManager model() {
        return program.model;
    }

    /** Null: the route configuration that the connection manager names is not there. */
    public @Nullable RouteTable routes() {
        return program.routes();
    }

    /** {@code request} may be changed, as a request on the wire is. */
    public Outcome decide(DownstreamConnection connection, RequestHead request) {
        LocalReply refusal = Admission.check(request, program, connection.destination().getPort());
        if (refusal != null) {
            return new Outcome(refusal.status(), refusal.details(), null);
        }
        var routing = new RequestRouting(program, new XfccHeader(program.model.forwarding(), connection.tls()));
        StreamInfo info = new StreamInfo(connection);
        RouteDecision decision = routing.route(request, info);
        FilterContext context = new FilterContext(info, request, new LogContext(info, request, null), NO_FLOW);
        context.decision = decision;
        for (FilterStep step : program.steps) {
            String denial = step instanceof Rbac rbac ? rbac.wouldDeny(context) : null;
            if (denial != null) {
                return new Outcome(403, denial, decision);
            }
        }
        return new Outcome(0, "", decision);
    }
}
