package dev.outrider.proxy.telemetry.accesslog;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Every command operator by name; what it says is Envoy's "Access logging" page. Used while configuration is compiled. */
final class OperatorCatalog {

    /** Makes an operator of what stands in its parentheses, null where there are none. */
    @FunctionalInterface
    interface Factory {
        Operator make(@Nullable String argument);
    }

    private static final Map<String, Factory> FACTORIES = new HashMap<>();

    /** Of features that are not built: known, never with a value. */
    private static final Set<String> ABSENT = Set.of(
            "TRACE_ID", "SPAN_ID", "VIRTUAL_CLUSTER_NAME", "CEL", "DOWNSTREAM_LOCAL_IP_SAN", "DOWNSTREAM_PEER_EMAIL_SAN",
            "DOWNSTREAM_PEER_OTHERNAME_SAN", "DOWNSTREAM_LOCAL_EMAIL_SAN", "DOWNSTREAM_LOCAL_OTHERNAME_SAN", "TLS_JA3_FINGERPRINT",
            "TLS_JA4_FINGERPRINT", "UPSTREAM_FILTER_STATE", "DOWNSTREAM_LOCAL_DNS_SAN_LIST", "ROUNDTRIP_DURATION",
            "UPSTREAM_LOCAL_URI_SAN", "UPSTREAM_LOCAL_DNS_SAN", "UPSTREAM_LOCAL_IP_SAN", "DOWNSTREAM_DIRECT_LOCAL_ADDRESS");

    static {
        HttpOperators.register(FACTORIES);
        ConnectionOperators.register(FACTORIES);
        TlsOperators.register(FACTORIES);
        TimeOperators.register(FACTORIES);
        MetadataOperators.register(FACTORIES);
        for (String name : ABSENT) {
            FACTORIES.putIfAbsent(name, argument -> (context, out) -> false);
        }
    }

    private OperatorCatalog() {}

    /** {@code text}: {@code NAME}, {@code NAME(argument)}, either with {@code :length} behind. */
    static Operator operator(String text) {
        int open = text.indexOf('(');
        int close = text.lastIndexOf(')');
        String argument = open >= 0 && close > open ? text.substring(open + 1, close) : null;
        String tail = argument == null ? text : text.substring(close + 1);
        String name = argument == null ? text : text.substring(0, open);
        int limit = -1;
        int colon = tail.lastIndexOf(':');
        if (colon >= 0) {
            limit = length(text, tail.substring(colon + 1));
            if (argument == null) {
                name = tail.substring(0, colon);
            }
        }
        Factory factory = FACTORIES.get(name);
        if (factory == null) {
            throw new IllegalArgumentException("the access log operator %" + text + "% is not known");
        }
        Operator operator = factory.make(argument);
        return limit < 0 ? operator : operator.limited(limit);
    }

    private static int length(String text, String digits) {
        try {
            return Integer.parseUnsignedInt(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the length behind the colon of %" + text + "% is not a number", e);
        }
    }
}
