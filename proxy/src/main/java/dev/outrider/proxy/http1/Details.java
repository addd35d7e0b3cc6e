package dev.outrider.proxy.http1;

/** Texts of %RESPONSE_CODE_DETAILS% that the codec gives; the names are Envoy's. */
final class Details {

    static final String CODEC_ERROR = "http1.codec_error";
    static final String INVALID_CHARACTERS = "http1.invalid_characters";
    static final String INVALID_AUTHORITY = "http.invalid_authority";
    static final String INVALID_URL = "http1.invalid_url";
    static final String INVALID_TRANSFER_ENCODING = "http1.invalid_transfer_encoding";
    static final String CHUNKED_LENGTH = "http1.content_length_and_chunked_not_allowed";
    static final String CONTENT_LENGTH_NOT_ALLOWED = "http1.content_length_not_allowed";
    static final String TRANSFER_ENCODING_NOT_ALLOWED = "http1.transfer_encoding_not_allowed";
    static final String BODY_DISALLOWED = "http1.body_disallowed";
    static final String CONNECTION_HEADER = "http1.connection_header_rejected";
    static final String HEADERS_TOO_LARGE = "http1.headers_too_large";
    static final String TOO_MANY_HEADERS = "http1.too_many_headers";
    static final String UNDERSCORE = "http1.unexpected_underscore";
    static final String MISSING_HOST = "missing_host_header";
    static final String LOW_VERSION = "low_version";
    static final String ABSOLUTE_PATH = "absolute_path_rejected";
    static final String UPGRADE_FAILED = "upgrade_failed";

    private Details() {}
}
