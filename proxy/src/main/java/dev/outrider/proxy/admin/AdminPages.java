package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.config.CertsPage;
import dev.outrider.proxy.admin.config.ClustersPage;
import dev.outrider.proxy.admin.config.ConfigDumpPage;
import dev.outrider.proxy.admin.config.InitDumpPage;
import dev.outrider.proxy.admin.config.ListenersPage;
import dev.outrider.proxy.admin.explain.ExplainPage;
import dev.outrider.proxy.admin.names.DnsPage;
import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.process.ContentionPage;
import dev.outrider.proxy.admin.process.DrainListenersPage;
import dev.outrider.proxy.admin.process.HealthCheckFailPage;
import dev.outrider.proxy.admin.process.HealthCheckOkPage;
import dev.outrider.proxy.admin.process.HotRestartVersionPage;
import dev.outrider.proxy.admin.process.LoggingPage;
import dev.outrider.proxy.admin.process.MemoryPage;
import dev.outrider.proxy.admin.process.QuitPage;
import dev.outrider.proxy.admin.process.ReadyPage;
import dev.outrider.proxy.admin.process.ReopenLogsPage;
import dev.outrider.proxy.admin.process.RuntimeModifyPage;
import dev.outrider.proxy.admin.process.RuntimePage;
import dev.outrider.proxy.admin.process.ServerInfoPage;
import dev.outrider.proxy.admin.state.AdminActions;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.stats.PrometheusPage;
import dev.outrider.proxy.admin.stats.ResetCountersPage;
import dev.outrider.proxy.admin.stats.StatsPage;
import dev.outrider.proxy.admin.status.StatusPage;
import java.util.List;

/** The one list of pages. */
final class AdminPages {

    private AdminPages() {}

    static AdminRouter router(AdminState state, AdminActions actions) {
        List<AdminPage> pages = List.of(
                new CertsPage(state),
                new ClustersPage(state),
                new ConfigDumpPage(state),
                new ContentionPage(),
                new DnsPage(state),
                new DrainListenersPage(actions),
                new ExplainPage(state),
                new HealthCheckFailPage(actions),
                new HealthCheckOkPage(actions),
                new HotRestartVersionPage(state),
                new InitDumpPage(state),
                new ListenersPage(state),
                new LoggingPage(),
                new MemoryPage(),
                new PrometheusPage(state),
                new QuitPage(actions),
                new ReadyPage(state),
                new ReopenLogsPage(actions),
                new ResetCountersPage(state),
                new RuntimeModifyPage(state),
                new RuntimePage(state),
                new ServerInfoPage(state),
                new StatsPage(state),
                new StatusPage(state));
        return new AdminRouter(pages, all -> List.of(new HelpPage(all), new HomePage(all)));
    }
}
