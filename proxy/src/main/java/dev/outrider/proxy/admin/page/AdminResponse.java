package dev.outrider.proxy.admin.page;

/** What a page answers; {@code afterwards} runs when the answer is on its way. */
public record AdminResponse(int status, String contentType, String body, Runnable afterwards) {

    public static AdminResponse text(String body) {
        return text(200, body);
    }

    public static AdminResponse text(int status, String body) {
        return new AdminResponse(status, "text/plain; charset=UTF-8", body, AdminResponse::nothing);
    }

    public static AdminResponse json(Object tree) {
        return new AdminResponse(200, "application/json", JsonTree.print(tree), AdminResponse::nothing);
    }

    public static AdminResponse of(String contentType, String body) {
        return new AdminResponse(200, contentType, body, AdminResponse::nothing);
    }

    public AdminResponse then(Runnable action) {
        return new AdminResponse(status, contentType, body, action);
    }

    private static void nothing() {}
}
