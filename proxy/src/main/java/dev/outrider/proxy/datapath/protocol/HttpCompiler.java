package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.proxy.connection.HttpPrograms;
import dev.outrider.proxy.datapath.filter.Alpn;
import dev.outrider.proxy.datapath.filter.Cors;
import dev.outrider.proxy.datapath.filter.Fault;
import dev.outrider.proxy.datapath.filter.FilterStep;
import dev.outrider.proxy.datapath.filter.GrpcStats;
import dev.outrider.proxy.datapath.filter.IstioStats;
import dev.outrider.proxy.datapath.filter.PeerExchange;
import dev.outrider.proxy.datapath.filter.Rbac;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.Listener;
import java.util.ArrayList;
import java.util.List;

/** Compiles HTTP connection managers to programs. Any thread but a loop. */
public final class HttpCompiler implements HttpPrograms {

    private final HttpEnvironment environment;

    public HttpCompiler(HttpEnvironment environment) {
        this.environment = environment;
    }

    /** Throws IllegalArgumentException that says what cannot be compiled (a log operator, a header format). */
    @Override
    public ConnectionProgram compile(HttpConnectionManager model, Listener listener) {
        Listener.Direction direction = listener.direction();
        List<FilterStep> steps = new ArrayList<>();
        boolean suppress = false;
        String prefix = "http." + model.statPrefix() + ".";
        for (HttpFilter filter : model.filters()) {
            switch (filter) {
                case HttpFilter.Router router -> suppress = router.suppressEnvoyHeaders();
                case HttpFilter.Alpn alpn -> steps.add(new Alpn(alpn));
                case HttpFilter.GrpcStats g -> steps.add(new GrpcStats());
                case HttpFilter.Fault fault -> steps.add(new Fault(fault, environment.stats(), prefix));
                case HttpFilter.Cors cors -> steps.add(new Cors(cors.name(), environment.stats(), prefix));
                case HttpFilter.PeerMetadata peer -> steps.add(new PeerExchange(peer, environment.node()));
                case HttpFilter.IstioStats istio ->
                    steps.add(new IstioStats(istio.config(), environment.node(), direction == Listener.Direction.INBOUND, environment.stats()));
                case HttpFilter.HttpRbac rbac -> steps.add(new Rbac(rbac, environment.stats(), prefix));
                case HttpFilter.Observer o -> {}
            }
        }
        return new HttpProgram(model, environment, steps.toArray(FilterStep[]::new), suppress);
    }
}
