package dev.outrider.proxy.admin.explain;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.explain.Explainer;
import dev.outrider.proxy.explain.Question;
import dev.outrider.proxy.explain.Question.Wire;
import dev.outrider.proxy.explain.Trace;
import dev.outrider.proxy.intercept.PacketPath;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code /explain?host=&port=} or {@code ?inbound=PORT}: 200 when such a request would work, 503 when it would not, 400 for a question that is none. With
 * {@code dial} a connection is opened, which takes a POST. {@code format=json} for scripts. Waits for DNS and for what is dialled.
 */
public final class ExplainPage implements AdminPage {

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:*-]{1,255}");
    private static final Pattern PATH = Pattern.compile("/[!-~]{0,2047}");
    private static final int MOST_PORT = 65_535;
    private static final int MOST_ID = Integer.MAX_VALUE;

    private final AdminState state;

    public ExplainPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/explain";
    }

    @Override
    public String purpose() {
        return "follow a request (host, port) or a caller (inbound) through the process, and say whether it would work; dial (POST): connect to the endpoint";
    }

    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        Explainer explainer = state.explainer();
        if (explainer == null) {
            return AdminResponse.text(404, "this process serves no traffic\n");
        }
        if (request.flag("dial") && !request.method().equals("POST")) {
            return AdminResponse.text(405, "dial opens a connection: POST required\n");
        }
        Question question;
        try {
            question = question(request);
        } catch (IllegalArgumentException e) {
            return AdminResponse.text(400, e.getMessage() + "\n");
        }
        Trace trace = explainer.explain(question);
        boolean json = request.value("format").equals("json");
        AdminResponse shown = json ? AdminResponse.json(ExplainJson.of(trace)) : AdminResponse.text(ExplainText.of(trace));
        return new AdminResponse(trace.works() ? 200 : 503, shown.contentType(), shown.body(), shown.afterwards());
    }

    private static Question question(AdminRequest request) {
        String path = request.has("path") ? request.value("path") : "/";
        if (!PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("path: '" + path + "' does not begin with / or holds blanks");
        }
        if (request.has("inbound")) {
            return new Question.Inbound(number(request, "inbound", 1, MOST_PORT), path, request.value("from"), request.flag("dial"));
        }
        String host = request.value("host");
        if (!HOST.matcher(host).matches()) {
            throw new IllegalArgumentException("host: '" + host + "' is no name or address, such as productpage.default.svc.cluster.local");
        }
        int port = request.value("port").isEmpty() ? 0 : number(request, "port", 1, MOST_PORT);
        return new Question.Outbound(host, port, path, wire(request.value("wire")), caller(request), request.flag("dial"));
    }

    private static Wire wire(String text) {
        return switch (text) {
            case "" -> Wire.AUTO;
            case "tls" -> Wire.TLS;
            case "plaintext" -> Wire.PLAINTEXT;
            default -> throw new IllegalArgumentException("wire: '" + text + "' is neither tls nor plaintext");
        };
    }

    private static Question.@Nullable Caller caller(AdminRequest request) {
        if (!request.has("uid")) {
            return null;
        }
        int uid = number(request, "uid", 0, MOST_ID);
        int gid = request.has("gid") ? number(request, "gid", 0, MOST_ID) : -1;
        String user = request.value("user");
        return new Question.Caller(user.isEmpty() ? "uid " + uid : user, new PacketPath.Owner(uid, gid));
    }

    private static int number(AdminRequest request, String name, int least, int most) {
        String text = request.value(name);
        long value = text.matches("[0-9]{1,10}") ? Long.parseLong(text) : -1;
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": '" + text + "' is not a number from " + least + " to " + most);
        }
        return (int) value;
    }
}
