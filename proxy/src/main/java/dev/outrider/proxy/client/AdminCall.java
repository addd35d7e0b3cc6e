package dev.outrider.proxy.client;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Asks the running sidecar for one of its pages, and prints it: a command that knows no more than the page does. */
final class AdminCall {

    /** Longer than any page waits. */
    private static final int TIMEOUT_MILLIS = 30_000;

    private static final String SOCKET = "/run/outrider/admin.sock";
    private static final String PORT = "127.0.0.1:15000";

    @Option(names = "--admin", paramLabel = "ADDR:PORT|SOCKET", description = "where the sidecar's admin endpoint is; default " + SOCKET + ", else " + PORT)
    private String admin = "";

    @Option(names = "--json", description = "for scripts")
    private boolean json;

    /** Exit status: 0 when the page came, 1 when it refused or nobody is there. */
    int print(String path, Map<String, String> parameters) {
        AdminConnection.Answer answer = ask("GET", path, parameters);
        (answer.status() < 400 ? System.out : System.err).print(answer.body());
        return answer.status() < 400 ? 0 : 1;
    }

    /** For pages that answer yes by 200 and no by 503, with the same text: 0 = yes, 1 = no, 2 = nobody could be asked. */
    int printAnswered(String method, String path, Map<String, String> parameters) {
        AdminConnection.Answer answer = ask(method, path, parameters);
        boolean told = answer.status() == 200 || answer.status() == 503;
        (told ? System.out : System.err).print(answer.body());
        return answer.status() == 200 ? 0 : told ? 1 : 2;
    }

    /** Status 0 when nobody is there; the body then says so. */
    private AdminConnection.Answer ask(String method, String path, Map<String, String> parameters) {
        String target = target(path, parameters);
        // The socket first: it is there for those whom its directory lets in, and for them no other program can stand in its place.
        List<String> places = admin.isEmpty() ? Files.isReadable(Path.of(SOCKET)) ? List.of(SOCKET, PORT) : List.of(PORT) : List.of(admin);
        String failure = "";
        for (String place : places) {
            try {
                SocketAddress address = AdminConnection.address(place);
                return AdminConnection.ask(address, method, target, TIMEOUT_MILLIS);
            } catch (IOException | IllegalArgumentException e) {
                failure = "outrider: no sidecar answers at " + place + " (" + e.getMessage() + "); is it running? --admin names another address\n";
            }
        }
        return new AdminConnection.Answer(0, failure);
    }

    private String target(String path, Map<String, String> parameters) {
        StringBuilder target = new StringBuilder(path);
        char separator = '?';
        if (json) {
            target.append("?format=json");
            separator = '&';
        }
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            // Pages take a plus for a plus.
            String value = URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8).replace("+", "%20");
            target.append(separator).append(parameter.getKey()).append('=').append(value);
            separator = '&';
        }
        return target.toString();
    }
}
