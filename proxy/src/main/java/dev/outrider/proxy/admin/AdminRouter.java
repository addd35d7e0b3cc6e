package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Finds the page of a request and refuses what must not reach one. Admin loop, or the thread of a page that waits. */
final class AdminRouter {

    private final Map<String, AdminPage> pages = new TreeMap<>();

    /** {@code list} is given all pages, for {@code /help}. */
    AdminRouter(Collection<AdminPage> all, Function<Collection<AdminPage>, Collection<AdminPage>> list) {
        all.forEach(p -> pages.put(p.path(), p));
        list.apply(pages.values()).forEach(p -> pages.put(p.path(), p));
    }

    boolean waits(String path) {
        AdminPage page = pages.get(path);
        return page != null && page.waits();
    }

    /** {@code local}: the peer is this machine. */
    AdminResponse serve(AdminRequest request, String host, String origin, boolean local) {
        AdminPage page = pages.get(request.path());
        if ((page == null || !page.anyHost()) && !HostGuard.allowsHost(host)) {
            return AdminResponse.text(403, "Host '" + printable(host) + "' is neither an address nor a localhost name\n");
        }
        if (page == null) {
            return AdminResponse.text(404, "invalid path. " + HelpPage.commands(pages.values()));
        }
        if (page.loopbackOnly() && !local) {
            return AdminResponse.text(403, "only from this machine\n");
        }
        if (page.mutates()) {
            if (!request.method().equals("POST")) {
                return AdminResponse.text(405, "Method " + request.method() + " not allowed, POST required.");
            }
            if (!HostGuard.allowsOrigin(origin, host)) {
                return AdminResponse.text(403, "cross-origin requests are refused\n");
            }
        }
        return page.serve(request);
    }

    private static String printable(String text) {
        return text.length() > 100 ? text.substring(0, 100) + "..." : text;
    }
}
