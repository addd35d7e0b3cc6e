package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.ResponseHead;

/** Makes a {@link ResponseHead} of the bytes of one complete head and says how its body is framed (RFC 9112 §4 and §6.3). */
final class ResponseParser {

    private final FieldParser fields;

    BodyDecoder.Mode body = BodyDecoder.Mode.NONE;
    long contentLength;
    /** Whether the connection may carry another request after this response. */
    boolean keepAlive;
    /** Empty = well-formed. */
    String details = "";

    ResponseParser(FieldParser fields) {
        this.fields = fields;
    }

    boolean parse(byte[] b, int length, ResponseHead head, boolean answersHead) {
        int line = statusLine(b);
        if (line < 0) {
            return bad(Details.CODEC_ERROR);
        }
        int status = (b[9] - '0') * 100 + (b[10] - '0') * 10 + b[11] - '0';
        head.reset(status);
        String error = fields.parse(b, line, length, head.headers());
        if (error != null) {
            return bad(error);
        }
        boolean http10 = b[7] == '0';
        keepAlive = !fields.close && (!http10 || fields.keepAlive);
        return frame(status, answersHead) && finish(b, status, head);
    }

    private boolean bad(String why) {
        details = why;
        return false;
    }

    /** Where the fields begin, or -1. */
    private static int statusLine(byte[] b) {
        boolean version = b.length > 12 && Octets.equals(b, 0, 7, "HTTP/1.") && (b[7] == '0' || b[7] == '1') && b[8] == ' ';
        if (!version || b[9] < '1' || b[9] > '9' || !digit(b[10]) || !digit(b[11])) {
            return -1;
        }
        int at = 12;
        if (b[at] == ' ') {
            while (!Octets.control(b[at])) {
                at++;
            }
        }
        if (b[at] == '\r') {
            at++;
        }
        return b[at] == '\n' ? at + 1 : -1;
    }

    private static boolean digit(byte c) {
        return c >= '0' && c <= '9';
    }

    private boolean frame(int status, boolean answersHead) {
        contentLength = fields.contentLength;
        boolean encoded = fields.encodings > 0;
        if (encoded && contentLength >= 0) {
            return bad(Details.CHUNKED_LENGTH);
        }
        boolean bodiless = status < 200 || status == 204;
        if (bodiless && encoded) {
            return bad(Details.TRANSFER_ENCODING_NOT_ALLOWED);
        }
        if (bodiless && contentLength > 0) {
            return bad(Details.CONTENT_LENGTH_NOT_ALLOWED);
        }
        if (encoded && !fields.chunked) {
            return bad(Details.INVALID_TRANSFER_ENCODING);
        }
        if (bodiless || answersHead || status == 304 || contentLength == 0) {
            body = BodyDecoder.Mode.NONE;
        } else if (encoded) {
            body = BodyDecoder.Mode.CHUNKED;
        } else if (contentLength > 0) {
            body = BodyDecoder.Mode.LENGTH;
        } else {
            body = BodyDecoder.Mode.UNTIL_CLOSE;
            keepAlive = false;
        }
        return true;
    }

    private boolean finish(byte[] b, int status, ResponseHead head) {
        fields.finish(head.headers(), false);
        if (status < 200 || status == 204) {
            head.headers().remove(HeaderName.CONTENT_LENGTH);
        }
        if (status == 101) {
            head.upgrade(Octets.lowerText(b, fields.upgradeFrom, fields.upgradeTo));
            keepAlive = false;
        }
        return true;
    }
}
