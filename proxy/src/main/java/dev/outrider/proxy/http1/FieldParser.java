package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.xds.model.HttpConnectionManager.Limits.Underscores;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parses a block of field lines (RFC 9112 §5) in one pass. Fields of the connection (host, connection, transfer-encoding, te, upgrade,
 * expect, keep-alive, proxy-connection) are noted here and not added; all others are. No folding, no blanks before a colon.
 */
final class FieldParser {

    private final int maxFields;
    private final Underscores underscores;
    private final List<String> listed = new ArrayList<>(0);

    int hosts;
    int hostFrom;
    int hostTo;
    /** -1 = none. */
    long contentLength;
    int encodings;
    boolean chunked;
    boolean close;
    boolean keepAlive;
    boolean connectionUpgrade;
    boolean trailersAccepted;
    int upgradeFrom;
    int upgradeTo;
    boolean expectContinue;
    /** Names, values and three bytes for each field, those that are not kept included. */
    long bytes;

    FieldParser(int maxFields, Underscores underscores) {
        this.maxFields = maxFields;
        this.underscores = underscores;
    }

    private void clear() {
        hosts = 0;
        hostFrom = 0;
        hostTo = 0;
        contentLength = -1;
        encodings = 0;
        chunked = false;
        close = false;
        keepAlive = false;
        connectionUpgrade = false;
        trailersAccepted = false;
        upgradeFrom = 0;
        upgradeTo = 0;
        expectContinue = false;
        bytes = 0;
        if (!listed.isEmpty()) {
            listed.clear();
        }
    }

    /** Parses {@code [from, to)}, which ends with an empty line. Null = well-formed; names are lower-cased in place. */
    @Nullable String parse(byte[] b, int from, int to, Headers into) {
        clear();
        int at = from;
        int fields = 0;
        while (true) {
            if (b[at] == '\n' || b[at] == '\r' && b[at + 1] == '\n') {
                return null;
            }
            if (++fields > maxFields) {
                return Details.TOO_MANY_HEADERS;
            }
            int nameFrom = at;
            boolean underscore = false;
            byte lower = Octets.TOKEN[b[at] & 0xff];
            while (lower != 0) {
                b[at++] = lower;
                underscore |= lower == '_';
                lower = Octets.TOKEN[b[at] & 0xff];
            }
            if (b[at] != ':' || at == nameFrom) {
                return Octets.control(b[at]) && b[at] != '\r' && b[at] != '\n' ? Details.INVALID_CHARACTERS : Details.CODEC_ERROR;
            }
            int nameTo = at++;
            while (Octets.blank(b[at])) {
                at++;
            }
            int valueFrom = at;
            while (!Octets.control(b[at])) {
                at++;
            }
            int valueTo = at;
            if (b[at] == '\r') {
                at++;
            }
            if (b[at] != '\n') {
                return b[valueTo] == '\r' ? Details.CODEC_ERROR : Details.INVALID_CHARACTERS;
            }
            at++;
            while (valueTo > valueFrom && Octets.blank(b[valueTo - 1])) {
                valueTo--;
            }
            bytes += nameTo - nameFrom + valueTo - valueFrom + 3;
            if (underscore && underscores != Underscores.ALLOW) {
                if (underscores == Underscores.REJECT_REQUEST) {
                    return Details.UNDERSCORE;
                }
                continue;
            }
            String error = field(b, nameFrom, nameTo, valueFrom, valueTo, into);
            if (error != null) {
                return error;
            }
        }
    }

    private @Nullable String field(byte[] b, int nameFrom, int nameTo, int from, int to, Headers into) {
        switch (nameTo - nameFrom) {
            case 2 -> {
                if (Octets.equals(b, nameFrom, nameTo, "te")) {
                    trailersAccepted |= trailers(b, from, to);
                    return null;
                }
            }
            case 4 -> {
                if (Octets.equals(b, nameFrom, nameTo, "host")) {
                    hosts++;
                    hostFrom = from;
                    hostTo = to;
                    return null;
                }
            }
            case 6 -> {
                if (Octets.equals(b, nameFrom, nameTo, "expect") && Octets.equalsIgnoreCase(b, from, to, "100-continue")) {
                    expectContinue = true;
                    return null;
                }
            }
            case 7 -> {
                if (Octets.equals(b, nameFrom, nameTo, "upgrade")) {
                    // Several fields are one list, and no list is an upgrade that anyone allows.
                    boolean second = upgradeTo > upgradeFrom;
                    upgradeFrom = from;
                    upgradeTo = second ? from : to;
                    return null;
                }
            }
            case 10, 16 -> {
                if (Octets.equals(b, nameFrom, nameTo, "connection")) {
                    return connection(b, from, to);
                }
                if (Octets.equals(b, nameFrom, nameTo, "proxy-connection")) {
                    close |= Octets.equalsIgnoreCase(b, from, to, "close");
                    return null;
                }
                if (Octets.equals(b, nameFrom, nameTo, "keep-alive")) {
                    return null;
                }
            }
            case 14 -> {
                if (Octets.equals(b, nameFrom, nameTo, "content-length")) {
                    long value = Octets.decimal(b, from, to);
                    if (value < 0 || contentLength >= 0) {
                        return Details.CODEC_ERROR;
                    }
                    contentLength = value;
                }
            }
            case 17 -> {
                if (Octets.equals(b, nameFrom, nameTo, "transfer-encoding")) {
                    encodings++;
                    chunked = encodings == 1 && Octets.equalsIgnoreCase(b, from, to, "chunked");
                    return null;
                }
            }
            default -> {}
        }
        into.add(b, nameFrom, nameTo - nameFrom, from, to - from);
        return null;
    }

    private static boolean trailers(byte[] b, int from, int to) {
        int at = from;
        while (at < to) {
            int end = tokenEnd(b, at, to);
            int last = end;
            while (at < last && Octets.blank(b[at])) {
                at++;
            }
            while (last > at && Octets.blank(b[last - 1])) {
                last--;
            }
            if (Octets.equalsIgnoreCase(b, at, last, "trailers")) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    private static int tokenEnd(byte[] b, int from, int to) {
        int at = from;
        while (at < to && b[at] != ',') {
            at++;
        }
        return at;
    }

    private @Nullable String connection(byte[] b, int from, int to) {
        int at = from;
        while (at < to) {
            int end = tokenEnd(b, at, to);
            int last = end;
            while (at < last && Octets.blank(b[at])) {
                at++;
            }
            while (last > at && Octets.blank(b[last - 1])) {
                last--;
            }
            if (Octets.equalsIgnoreCase(b, at, last, "close")) {
                close = true;
            } else if (Octets.equalsIgnoreCase(b, at, last, "keep-alive")) {
                keepAlive = true;
            } else if (Octets.equalsIgnoreCase(b, at, last, "upgrade")) {
                connectionUpgrade = true;
            } else if (last > at) {
                String name = Octets.lowerText(b, at, last);
                if (isProtected(name)) {
                    return Details.CONNECTION_HEADER;
                }
                listed.add(name);
            }
            at = end + 1;
        }
        return null;
    }

    /** Fields that say who asks whom: a client must not be able to have them removed. */
    private static boolean isProtected(String name) {
        return name.equals("host") || name.charAt(0) == ':' || name.equals("x-forwarded-for") || name.equals("x-forwarded-host")
                || name.equals("x-forwarded-proto");
    }

    /** Removes what Connection names, and puts {@code te: trailers} (and an expectation that is forwarded) back. */
    void finish(Headers into, boolean forwardExpect) {
        if (!listed.isEmpty()) {
            listed.forEach(name -> into.remove(HeaderName.of(name)));
        }
        if (trailersAccepted) {
            into.add(HeaderName.TE, "trailers");
        }
        if (forwardExpect && expectContinue) {
            into.add(HeaderName.EXPECT, "100-continue");
        }
    }
}
