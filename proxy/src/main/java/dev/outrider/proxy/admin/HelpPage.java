package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import java.util.Collection;

/** {@code /help}. */
final class HelpPage implements AdminPage {

    private final Collection<AdminPage> pages;

    HelpPage(Collection<AdminPage> pages) {
        this.pages = pages;
    }

    @Override
    public String path() {
        return "/help";
    }

    @Override
    public String purpose() {
        return "print out list of admin commands";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        return AdminResponse.text(commands(pages));
    }

    static String commands(Collection<AdminPage> pages) {
        StringBuilder out = new StringBuilder("admin commands are:\n");
        for (AdminPage page : pages) {
            out.append("  ").append(page.path()).append(page.mutates() ? " (POST)" : "").append(": ").append(page.purpose()).append('\n');
        }
        return out.toString();
    }
}
