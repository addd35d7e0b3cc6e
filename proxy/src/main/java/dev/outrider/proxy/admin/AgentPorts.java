package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.agent.AgentQuitPage;
import dev.outrider.proxy.admin.agent.HealthzReadyPage;
import dev.outrider.proxy.admin.agent.MergedMetricsPage;
import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.state.AdminActions;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.stats.PrometheusPage;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;

/**
 * The ports of Istio's agent that others reach: 15021 health, 15020 health and merged metrics, 15090 the proxy's own metrics. A port that is taken is one
 * line in the log and nothing more: traffic does not depend on it.
 */
public final class AgentPorts implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.admin");

    private final List<AdminServer> servers = new ArrayList<>();

    /**
     * @param host address to listen on, usually the wildcard
     * @param metricsLocal metrics are for this machine alone
     * @param status health and merged metrics; 0 chooses
     * @param health for load balancers
     * @param metrics the proxy's own
     * @param applications whose metrics are merged
     */
    public record Settings(InetAddress host, boolean metricsLocal, int status, int health, int metrics, List<URI> applications) {}

    private AgentPorts() {}

    public static AgentPorts start(
            EventLoopGroup loop, ListenSockets sockets, Settings settings, AdminState state, AdminActions actions) {
        AgentPorts ports = new AgentPorts();
        AdminPage own = new PrometheusPage(state);
        List<AdminPage> status = List.of(
                new HealthzReadyPage(state),
                new MergedMetricsPage("/stats/prometheus", own, settings.applications(), settings.metricsLocal(), state.stats().stats()),
                new MergedMetricsPage("/metrics", own, settings.applications(), settings.metricsLocal(), state.stats().stats()),
                AgentQuitPage.quit(actions), AgentQuitPage.drain(actions));
        ports.open(loop, sockets, new InetSocketAddress(settings.host(), settings.status()), status);
        ports.open(loop, sockets, new InetSocketAddress(settings.host(), settings.health()), List.of(new HealthzReadyPage(state)));
        InetAddress metrics = settings.metricsLocal() ? InetAddress.getLoopbackAddress() : settings.host();
        ports.open(loop, sockets, new InetSocketAddress(metrics, settings.metrics()), List.of(own));
        return ports;
    }

    private void open(EventLoopGroup loop, ListenSockets sockets, InetSocketAddress address, List<AdminPage> pages) {
        try {
            servers.add(AdminServer.start(loop, sockets, address, new AdminRouter(pages, all -> List.of())));
        } catch (IOException e) {
            LOG.warning(e.getMessage() + ": " + pages.getFirst().path() + " is not served there");
        }
    }

    /** In the order status, health, metrics; without those that could not be bound. */
    public List<SocketAddress> addresses() {
        return servers.stream().map(AdminServer::address).toList();
    }

    /** The listening sockets, for the process that takes over. */
    public List<Channel> channels() {
        return servers.stream().map(AdminServer::channel).toList();
    }

    @Override
    public void close() {
        servers.forEach(AdminServer::close);
    }
}
