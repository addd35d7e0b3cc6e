package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.LoopRoom;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * Cuts a message body out of the byte stream (RFC 9112 §6 and §7), one event per call. Chunk extensions are checked and dropped;
 * trailers are parsed always and kept where they are enabled.
 */
final class BodyDecoder {

    enum Mode { NONE, LENGTH, CHUNKED, UNTIL_CLOSE }

    enum Event { NEED_MORE, DATA, LAST_DATA, END, TRAILERS, FAILED }

    private enum Chunk { SIZE, BLANK, EXTENSION, SIZE_LF, DATA, DATA_CR, DATA_LF, TRAILERS }

    /** Of a whole message; nobody needs more, and they cost a byte each to read. */
    private static final int MAX_EXTENSION_BYTES = 4096;

    private static final int MAX_SIZE_DIGITS = 16;

    /** What a trailer section must not change any more (RFC 9110 §6.5.1). */
    private static final List<HeaderName> NEVER_TRAILERS = List.of(
            HeaderName.CONTENT_LENGTH, HeaderName.CONTENT_TYPE, HeaderName.COOKIE, HeaderName.of("content-encoding"),
            HeaderName.of("content-range"), HeaderName.of("authorization"), HeaderName.of("set-cookie"), HeaderName.TRAILER);

    private final HeadFinder finder = new HeadFinder();
    private final FieldParser parser;
    private final Headers trailers = new Headers();
    private final int maxTrailerBytes;
    private final boolean keepTrailers;
    private Mode mode = Mode.NONE;
    private Chunk chunk = Chunk.SIZE;
    private long left;
    private int digits;
    private int extensionBytes;
    private ByteBuf data = Unpooled.EMPTY_BUFFER;
    private String error = "";

    BodyDecoder(FieldParser parser, int maxTrailerBytes, boolean keepTrailers) {
        this.parser = parser;
        this.maxTrailerBytes = maxTrailerBytes;
        this.keepTrailers = keepTrailers;
    }

    void start(Mode newMode, long length) {
        mode = newMode;
        left = length;
        chunk = Chunk.SIZE;
        digits = 0;
        extensionBytes = 0;
        finder.reset();
    }

    Mode mode() {
        return mode;
    }

    /** After DATA and LAST_DATA; the caller's. */
    ByteBuf data() {
        ByteBuf taken = data;
        data = Unpooled.EMPTY_BUFFER;
        return taken;
    }

    Headers trailers() {
        return trailers;
    }

    /** After FAILED. */
    String error() {
        return error;
    }

    Event read(ByteBuf in) {
        return switch (mode) {
            case NONE -> Event.END;
            case LENGTH -> length(in);
            case CHUNKED -> chunked(in);
            case UNTIL_CLOSE -> {
                if (!in.isReadable()) {
                    yield Event.NEED_MORE;
                }
                data = in.readRetainedSlice(in.readableBytes());
                yield Event.DATA;
            }
        };
    }

    private Event length(ByteBuf in) {
        int now = (int) Math.min(left, in.readableBytes());
        if (now == 0) {
            return left == 0 ? Event.END : Event.NEED_MORE;
        }
        left -= now;
        data = in.readRetainedSlice(now);
        return left == 0 ? Event.LAST_DATA : Event.DATA;
    }

    private Event chunked(ByteBuf in) {
        while (chunk != Chunk.TRAILERS) {
            if (!in.isReadable()) {
                return Event.NEED_MORE;
            }
            if (chunk == Chunk.DATA) {
                int now = (int) Math.min(left, in.readableBytes());
                left -= now;
                if (left == 0) {
                    chunk = Chunk.DATA_CR;
                }
                data = in.readRetainedSlice(now);
                return Event.DATA;
            }
            if (!line(in.readByte())) {
                return fail(Details.CODEC_ERROR);
            }
        }
        return trailers(in);
    }

    /** One byte of what surrounds the data; false = malformed. */
    private boolean line(byte c) {
        switch (chunk) {
            case SIZE -> {
                int digit = hex(c);
                if (digit >= 0) {
                    left = digits == 0 ? digit : left << 4 | digit;
                    return ++digits <= MAX_SIZE_DIGITS;
                }
                return digits > 0 && afterSize(c);
            }
            case BLANK -> {
                return ++extensionBytes <= MAX_EXTENSION_BYTES && afterSize(c);
            }
            case EXTENSION -> {
                if (c == '\r') {
                    chunk = Chunk.SIZE_LF;
                    return true;
                }
                return !Octets.control(c) && ++extensionBytes <= MAX_EXTENSION_BYTES;
            }
            case SIZE_LF -> {
                digits = 0;
                // Sizes with the highest bit set never end in practice; they are waited for, as Envoy does.
                left = left < 0 ? Long.MAX_VALUE : left;
                chunk = left == 0 ? Chunk.TRAILERS : Chunk.DATA;
                return c == '\n';
            }
            case DATA_CR -> {
                chunk = Chunk.DATA_LF;
                return c == '\r';
            }
            case DATA_LF -> {
                chunk = Chunk.SIZE;
                return c == '\n';
            }
            default -> {
                return false;
            }
        }
    }

    private boolean afterSize(byte c) {
        if (c == '\r') {
            chunk = Chunk.SIZE_LF;
        } else if (c == ';') {
            chunk = Chunk.EXTENSION;
        } else if (Octets.blank(c)) {
            chunk = Chunk.BLANK;
        } else {
            return false;
        }
        return true;
    }

    private static int hex(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }

    private Event trailers(ByteBuf in) {
        int size = finder.find(in);
        if (size == HeadFinder.BARE_CR) {
            return fail(Details.CODEC_ERROR);
        }
        if (size < 0 ? in.readableBytes() > maxTrailerBytes : size > maxTrailerBytes) {
            return fail(Details.HEADERS_TOO_LARGE);
        }
        if (size < 0) {
            return Event.NEED_MORE;
        }
        if (size <= 2) {
            boolean bare = size == 2 && in.getByte(in.readerIndex()) != '\r';
            in.skipBytes(size);
            return bare ? fail(Details.CODEC_ERROR) : Event.END;
        }
        byte[] scratch = LoopRoom.scratch(size);
        in.readBytes(scratch, 0, size);
        trailers.clear();
        String wrong = parser.parse(scratch, 0, size, trailers);
        if (wrong != null) {
            return fail(wrong);
        }
        for (HeaderName name : NEVER_TRAILERS) {
            trailers.remove(name);
        }
        return keepTrailers && trailers.size() > 0 ? Event.TRAILERS : Event.END;
    }

    private Event fail(String details) {
        error = details;
        return Event.FAILED;
    }
}
