package dev.outrider.proxy.admin.page;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** One request: method, path, query and the form in a POST body, which Envoy reads like the query. */
public record AdminRequest(String method, String path, Map<String, String> query) {

    public static AdminRequest of(String method, String target, String formBody) {
        int mark = target.indexOf('?');
        String path = mark < 0 ? target : target.substring(0, mark);
        Map<String, String> query = new LinkedHashMap<>();
        if (mark >= 0) {
            parse(target.substring(mark + 1), query);
        }
        if (!formBody.isEmpty()) {
            parse(formBody, query);
        }
        return new AdminRequest(method, path, query);
    }

    /** Present, with or without a value. */
    public boolean has(String name) {
        return query.containsKey(name);
    }

    public String value(String name) {
        return query.getOrDefault(name, "");
    }

    /** Present without a value or with a true one. */
    public boolean flag(String name) {
        return has(name) && !value(name).equals("false") && !value(name).equals("0");
    }

    private static void parse(String text, Map<String, String> into) {
        for (String pair : text.split("&", -1)) {
            if (!pair.isEmpty()) {
                int eq = pair.indexOf('=');
                into.putIfAbsent(decode(eq < 0 ? pair : pair.substring(0, eq)), eq < 0 ? "" : decode(pair.substring(eq + 1)));
            }
        }
    }

    /** Percent-decoding alone: a plus is a plus, as cluster names and expressions contain it. A broken escape stays as it is. */
    private static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] in = text.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[in.length];
        int n = 0;
        for (int i = 0; i < in.length; i++) {
            int high = i + 2 < in.length && in[i] == '%' ? Character.digit(in[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(in[i + 2], 16) : -1;
            if (low >= 0) {
                out[n++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                out[n++] = in[i];
            }
        }
        return new String(out, 0, n, StandardCharsets.UTF_8);
    }
}
