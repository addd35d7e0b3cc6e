package dev.outrider.proxy.datapath.explicit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** HTTP's CONNECT (RFC 9110 §9.3.6) by HTTP/1. Header fields are passed over: there is nothing that they could change. */
final class HttpConnect implements Dialogue {

    private static final String END = "\r\n\r\n";

    /** Quantifiers are possessive: a request line is read in one go, however it was made. */
    private static final Pattern LINE = Pattern.compile("([A-Z]{1,20}+) (\\S{1,300}+) HTTP/1\\.[01]");
    private static final Pattern AUTHORITY = Pattern.compile("(?:\\[([0-9A-Fa-f:.]{2,45}+)]|([^\\[\\]:/@]{1,255}+)):([0-9]{1,5}+)");

    @Override
    public @Nullable Target read(ByteBuf in, ByteBuf out) throws Refusal {
        String sofar = in.toString(in.readerIndex(), Math.min(in.readableBytes(), MOST_BYTES), StandardCharsets.ISO_8859_1);
        int end = sofar.indexOf(END);
        if (end < 0) {
            return null;
        }
        in.skipBytes(end + END.length());
        Matcher line = LINE.matcher(sofar.substring(0, sofar.indexOf("\r\n")));
        if (!line.matches()) {
            throw new Refusal(Refusal.Reason.MALFORMED);
        }
        if (!line.group(1).equals("CONNECT")) {
            throw new Refusal(Refusal.Reason.NOT_CONNECT);
        }
        Matcher authority = AUTHORITY.matcher(line.group(2));
        if (!authority.matches()) {
            throw new Refusal(Refusal.Reason.MALFORMED);
        }
        String literal = authority.group(1);
        return Target.of(literal == null ? authority.group(2) : literal, Integer.parseInt(authority.group(3)));
    }

    @Override
    public ByteBuf granted(ByteBufAllocator alloc) {
        return ByteBufUtil.writeAscii(alloc, "HTTP/1.1 200 Connection established\r\n\r\n");
    }

    @Override
    public ByteBuf refused(ByteBufAllocator alloc, Refusal.Reason reason) {
        String body = "outrider: " + reason.sentence() + "\n";
        return ByteBufUtil.writeAscii(alloc, "HTTP/1.1 " + reason.status() + "\r\ncontent-type: text/plain\r\ncontent-length: " + body.length()
                + "\r\nconnection: close\r\n" + (reason == Refusal.Reason.NOT_CONNECT ? "allow: CONNECT\r\n" : "") + "\r\n" + body);
    }
}
