package dev.outrider.proxy.machine.registration;

import java.util.Locale;

/**
 * A port of a service on this machine.
 *
 * @param name Istio reads the protocol from its first part: {@code http-web}
 * @param protocol as a ServiceEntry spells it
 */
public record ServicePort(String name, int number, String protocol) {

    /** {@code 8080}, {@code http:8080} or {@code grpc-api:9000}. Throws IllegalArgumentException with the text and the accepted form. */
    public static ServicePort parse(String text) {
        int colon = text.lastIndexOf(':');
        String digits = text.substring(colon + 1);
        int number = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
        String name = colon < 0 ? usualName(number) : text.substring(0, colon);
        if (number < 1 || number > 65_535 || !name.matches("[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")) {
            throw new IllegalArgumentException("'" + text + "' is no port such as 8080, http:8080 or grpc-api:9000");
        }
        return new ServicePort(name, number, protocol(name));
    }

    private static String usualName(int number) {
        return switch (number) {
            case 80, 8080 -> "http";
            case 443 -> "https";
            case 3306 -> "mysql";
            default -> "tcp-" + number;
        };
    }

    private static String protocol(String name) {
        return switch (name.split("-", 2)[0].toLowerCase(Locale.ROOT)) {
            case "http" -> "HTTP";
            case "http2" -> "HTTP2";
            case "grpc" -> "GRPC";
            case "https" -> "HTTPS";
            case "tls" -> "TLS";
            // MySQL, Redis and MongoDB filters are off by default in Istio: to it they are TCP.
            default -> "TCP";
        };
    }
}
