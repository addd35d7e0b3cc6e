package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import java.util.Collection;

/** {@code /}: links to the pages that change nothing. Only fixed text, nothing of the configuration or the request. */
final class HomePage implements AdminPage {

    private final Collection<AdminPage> pages;

    HomePage(Collection<AdminPage> pages) {
        this.pages = pages;
    }

    @Override
    public String path() {
        return "/";
    }

    @Override
    public String purpose() {
        return "Admin home page";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        StringBuilder out = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><head><title>Outrider</title></head><body><h1>Outrider</h1><table>\n");
        for (AdminPage page : pages) {
            String name = page.path().substring(1);
            out.append("<tr><td>");
            if (page.mutates()) {
                out.append(name).append(" (POST)");
            } else {
                out.append("<a href=\"").append(name).append("\">").append(name.isEmpty() ? "home" : name).append("</a>");
            }
            out.append("</td><td>").append(page.purpose()).append("</td></tr>\n");
        }
        return AdminResponse.of("text/html; charset=UTF-8", out.append("</table></body></html>\n").toString());
    }
}
