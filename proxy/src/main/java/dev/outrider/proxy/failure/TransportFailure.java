package dev.outrider.proxy.failure;

import java.net.ConnectException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Texts of transport errors as Envoy writes them into %UPSTREAM_TRANSPORT_FAILURE_REASON% and its downstream sibling. */
public final class TransportFailure {

    private static final Pattern BORINGSSL = Pattern.compile("error:([0-9a-fA-F]+):([^:]*):([^:]*):([A-Z0-9_]+)");

    private TransportFailure() {}

    /** {@code delayed connect error: Connection refused}. */
    public static String ofConnect(Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        for (String known : new String[] {
            "Connection refused", "Network is unreachable", "No route to host", "Connection reset by peer", "Cannot assign requested address",
            "Connection timed out", "No such file or directory", "Permission denied"
        }) {
            if (text.toLowerCase(Locale.ROOT).contains(known.toLowerCase(Locale.ROOT))) {
                return "delayed connect error: " + known;
            }
        }
        return "delayed connect error: " + (cause instanceof ConnectException ? "Connection refused" : text);
    }

    /** {@code TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end}. */
    public static String ofTls(Throwable thrown) {
        Throwable deepest = thrown;
        for (Throwable at = thrown; at != null; at = at.getCause()) {
            Matcher error = BORINGSSL.matcher(String.valueOf(at.getMessage()));
            if (error.find()) {
                return "TLS_error:|" + Long.parseLong(error.group(1), 16) + ":" + error.group(2) + ":" + error.group(3) + ":" + error.group(4)
                        + ":TLS_error_end";
            }
            deepest = at;
        }
        if (deepest instanceof CertificateException) {
            return "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:" + deepest.getMessage() + ":TLS_error_end";
        }
        return deepest instanceof SSLException || deepest.getMessage() != null
                ? "TLS_error:" + deepest.getMessage()
                : "TLS_error:" + deepest.getClass().getSimpleName();
    }
}
