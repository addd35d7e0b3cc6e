package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The part of CEL that log filters use: {@code || && !}, comparisons, literals, {@code has(x)}, string functions {@code startsWith endsWith
 * contains}, and Envoy's attributes of request, response, source, destination, connection and xds. Compiled to closures, once; anything
 * else does not compile. Pure.
 */
public final class CelExpression {

    /** A sub-expression: String, Long, Boolean or null (no such attribute). */
    @FunctionalInterface
    private interface Node {
        @Nullable Object value(LogContext context);
    }

    private static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unsupported(String message) {
            super(message, null, false, false);
        }
    }

    private final List<String> tokens;
    private int at;
    private int depth;

    private CelExpression(List<String> tokens) {
        this.tokens = tokens;
    }

    /** Null for an expression beyond this part of the language. */
    static @Nullable LogFilter compile(String text) {
        try {
            CelExpression parser = new CelExpression(tokens(text));
            Node root = parser.or();
            if (parser.at != parser.tokens.size()) {
                return null;
            }
            return c -> Boolean.TRUE.equals(root.value(c));
        } catch (Unsupported e) {
            return null;
        }
    }

    /** A function that gives the value as text, "" where there is none; null for an expression beyond this part of the language. */
    public static @Nullable Function<LogContext, String> compileText(String text) {
        try {
            CelExpression parser = new CelExpression(tokens(text));
            Node root = parser.or();
            if (parser.at != parser.tokens.size()) {
                return null;
            }
            return c -> {
                Object value = root.value(c);
                return value == null ? "" : value.toString();
            };
        } catch (Unsupported e) {
            return null;
        }
    }

    private static List<String> tokens(String text) {
        List<String> out = new ArrayList<>();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            int from = i;
            if (Character.isWhitespace(c)) {
                i++;
                continue;
            }
            if (c == '"' || c == '\'') {
                i = text.indexOf(c, i + 1) + 1;
                if (i == 0 || text.substring(from, i).indexOf('\\') >= 0) {
                    throw new Unsupported("string");
                }
            } else if (Character.isLetterOrDigit(c) || c == '_' || c == '-') {
                i++;
                while (i < text.length() && (Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_')) {
                    i++;
                }
            } else if (i + 1 < text.length() && List.of("&&", "||", "==", "!=", ">=", "<=").contains(text.substring(i, i + 2))) {
                i += 2;
            } else {
                i++;
            }
            out.add(text.substring(from, i));
        }
        return out;
    }

    private String peek() {
        return at < tokens.size() ? tokens.get(at) : "";
    }

    private boolean take(String token) {
        if (peek().equals(token)) {
            at++;
            return true;
        }
        return false;
    }

    private void need(String token) {
        if (!take(token)) {
            throw new Unsupported(token);
        }
    }

    private Node or() {
        Node left = and();
        while (take("||")) {
            Node a = left;
            Node b = and();
            left = c -> Boolean.TRUE.equals(a.value(c)) || Boolean.TRUE.equals(b.value(c));
        }
        return left;
    }

    private Node and() {
        Node left = relation();
        while (take("&&")) {
            Node a = left;
            Node b = relation();
            left = c -> Boolean.TRUE.equals(a.value(c)) && Boolean.TRUE.equals(b.value(c));
        }
        return left;
    }

    private Node relation() {
        Node a = unary();
        String op = peek();
        if (!List.of("==", "!=", "<", "<=", ">", ">=").contains(op)) {
            return a;
        }
        at++;
        Node b = unary();
        return c -> compare(op, a.value(c), b.value(c));
    }

    private static @Nullable Object compare(String op, @Nullable Object a, @Nullable Object b) {
        if (a == null || b == null) {
            return null;
        }
        if (op.equals("==") || op.equals("!=")) {
            return a.equals(b) == op.equals("==");
        }
        int order;
        if (a instanceof Long x && b instanceof Long y) {
            order = x.compareTo(y);
        } else if (a instanceof String x && b instanceof String y) {
            order = x.compareTo(y);
        } else {
            return null;
        }
        return switch (op) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    private Node unary() {
        if (++depth > 100) {
            throw new Unsupported("too deep");
        }
        try {
            if (take("!")) {
                Node inner = unary();
                return c -> inner.value(c) instanceof Boolean b ? !b : null;
            }
            return primary();
        } finally {
            depth--;
        }
    }

    private Node primary() {
        if (take("(")) {
            Node inner = or();
            need(")");
            return inner;
        }
        String token = peek();
        at++;
        if (token.isEmpty()) {
            throw new Unsupported("end");
        }
        char first = token.charAt(0);
        if (first == '"' || first == '\'') {
            String text = token.substring(1, token.length() - 1);
            return c -> text;
        }
        if (Character.isDigit(first) || first == '-') {
            try {
                Long number = Long.valueOf(token);
                return c -> number;
            } catch (NumberFormatException e) {
                throw new Unsupported(token);
            }
        }
        return switch (token) {
            case "true" -> c -> true;
            case "false" -> c -> false;
            case "has" -> {
                need("(");
                Node inner = attribute(next());
                need(")");
                yield c -> inner.value(c) != null;
            }
            default -> attribute(token);
        };
    }

    private String next() {
        String token = peek();
        at++;
        return token;
    }

    private Node attribute(String first) {
        StringBuilder path = new StringBuilder(first);
        while (true) {
            if (take("[")) {
                String key = next();
                need("]");
                if (key.length() < 2 || key.charAt(0) != '"' && key.charAt(0) != '\'') {
                    throw new Unsupported(key);
                }
                return method(lookup(path.toString(), key.substring(1, key.length() - 1)));
            }
            if (!peek().equals(".")) {
                return lookup(path.toString(), null);
            }
            if (at + 2 < tokens.size() && tokens.get(at + 2).equals("(")) {
                return method(lookup(path.toString(), null));
            }
            at++;
            path.append('.').append(next());
        }
    }

    private Node method(Node on) {
        if (!take(".")) {
            return on;
        }
        String name = next();
        need("(");
        Node argument = or();
        need(")");
        if (!List.of("startsWith", "endsWith", "contains").contains(name)) {
            throw new Unsupported(name);
        }
        return c -> {
            if (!(on.value(c) instanceof String text) || !(argument.value(c) instanceof String part)) {
                return null;
            }
            return switch (name) {
                case "startsWith" -> text.startsWith(part);
                case "endsWith" -> text.endsWith(part);
                default -> text.contains(part);
            };
        };
    }

    private static Node lookup(String path, @Nullable String key) {
        if (key != null) {
            return switch (path) {
                case "request.headers" -> new FieldOperator(FieldOperator.Head.REQUEST, key)::value;
                case "response.headers" -> new FieldOperator(FieldOperator.Head.RESPONSE, key)::value;
                case "filter_state" -> c -> c.info.filterState(key);
                default -> throw new Unsupported(path);
            };
        }
        return switch (path) {
            case "request.path" -> request(RequestHead::path);
            case "request.url_path" -> request(r -> r.path().indexOf('?') < 0 ? r.path() : r.path().substring(0, r.path().indexOf('?')));
            case "request.host" -> request(RequestHead::authority);
            case "request.method" -> request(RequestHead::method);
            case "request.scheme" -> request(RequestHead::scheme);
            case "request.id" -> request(r -> r.headers().get(HeaderName.X_REQUEST_ID));
            case "request.useragent" -> request(r -> r.headers().get(HeaderName.USER_AGENT));
            case "request.protocol" -> c -> c.info.protocol.isEmpty() ? null : c.info.protocol;
            case "request.size" -> c -> c.info.bytesReceived;
            case "response.size" -> c -> c.info.bytesSent;
            case "response.code" -> c -> c.info.responseCode == 0 ? null : (Object) (long) c.info.responseCode;
            case "response.code_details" -> c -> c.info.responseCodeDetails.isEmpty() ? null : c.info.responseCodeDetails;
            case "response.flags" -> c -> c.info.flags;
            case "response.grpc_status" -> c -> (long) GrpcStatus.of(c);
            case "connection.mtls" -> c -> c.info.connection.tls() != null && c.info.connection.tls().presented();
            case "connection.requested_server_name" -> c -> c.info.connection.sni();
            case "connection.id" -> c -> c.info.connection.id();
            case "source.port" -> c -> (long) c.info.connection.directRemote().getPort();
            case "source.address" -> c -> ConnectionOperators.text(c.info.connection.directRemote(), true);
            case "destination.port" -> c -> (long) c.info.connection.destination().getPort();
            case "destination.address" -> c -> ConnectionOperators.text(c.info.connection.destination(), true);
            case "xds.cluster_name" -> c -> c.info.upstreamCluster.isEmpty() ? null : c.info.upstreamCluster;
            case "xds.route_name" -> c -> c.info.routeName.isEmpty() ? null : c.info.routeName;
            default -> throw new Unsupported(path);
        };
    }

    @FunctionalInterface
    private interface OfRequest {
        @Nullable String value(RequestHead head);
    }

    private static Node request(OfRequest part) {
        return c -> {
            RequestHead head = c.request;
            return head == null ? null : part.value(head);
        };
    }
}
