package dev.outrider.proxy.admin.names;

import dev.outrider.dns.DnsDump;
import dev.outrider.dns.DnsShim;
import dev.outrider.dns.Explanation;
import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code /dns}: table, cache, resolvers with health and last errors; with {@code name} and {@code type}, a question of its own, answered as any
 * program's would be, and where the answer came from. {@code format=json} for scripts. Waits for the DNS loop, and for resolvers.
 */
public final class DnsPage implements AdminPage {

    /** The shim gives up on resolvers after five. */
    private static final int PATIENCE_SECONDS = 10;

    private final AdminState state;

    public DnsPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/dns";
    }

    @Override
    public String purpose() {
        return "print what the DNS shim holds; name and type: ask it, and say where the answer came from";
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        DnsShim dns = state.dns();
        if (dns == null) {
            return AdminResponse.text(404, "this process answers no DNS (dns.enabled, or --dns-listen)\n");
        }
        boolean json = request.value("format").equals("json");
        try {
            if (!request.has("name")) {
                DnsDump dump = within(dns.dump());
                return json ? AdminResponse.json(DnsJson.dump(dump)) : AdminResponse.text(DnsText.dump(dump));
            }
            String type = request.value("type").isEmpty() ? "A" : request.value("type");
            Explanation answer = within(dns.explain(request.value("name"), type));
            return json ? AdminResponse.json(DnsJson.answer(answer)) : AdminResponse.text(DnsText.answer(answer));
        } catch (ExecutionException e) {
            return AdminResponse.text(400, (e.getCause() == null ? e : e.getCause()).getMessage() + "\n");
        } catch (TimeoutException e) {
            return AdminResponse.text(503, "no answer within " + PATIENCE_SECONDS + " s\n");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return AdminResponse.text(503, "the process ends\n");
        }
    }

    private static <T> T within(CompletableFuture<T> result) throws ExecutionException, TimeoutException, InterruptedException {
        return result.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
