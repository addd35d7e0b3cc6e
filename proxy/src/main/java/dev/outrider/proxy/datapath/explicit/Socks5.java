package dev.outrider.proxy.datapath.explicit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** SOCKS version 5 (RFC 1928) without authentication; CONNECT to an address or a name. */
final class Socks5 implements Dialogue {

    static final byte VERSION = 5;

    private static final int CONNECT = 1;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;

    /** Version, command, reserved, kind of address. */
    private static final int FIXED = 4;

    private boolean greeted;

    @Override
    public @Nullable Target read(ByteBuf in, ByteBuf out) throws Refusal {
        if (!greeted && !greet(in, out)) {
            return null;
        }
        if (in.readableBytes() <= FIXED) {
            return null;
        }
        int start = in.readerIndex();
        if (in.getByte(start) != VERSION || in.getByte(start + 2) != 0) {
            throw new Refusal(Refusal.Reason.MALFORMED);
        }
        if (in.getByte(start + 1) != CONNECT) {
            throw new Refusal(Refusal.Reason.NOT_CONNECT);
        }
        int kind = in.getByte(start + 3);
        int length = switch (kind) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> 1 + in.getUnsignedByte(start + FIXED);
            default -> throw new Refusal(Refusal.Reason.ADDRESS_TYPE);
        };
        if (in.readableBytes() < FIXED + length + 2) {
            return null;
        }
        in.skipBytes(FIXED);
        byte[] address = new byte[length];
        in.readBytes(address);
        String host = kind == NAME ? new String(address, 1, length - 1, StandardCharsets.ISO_8859_1) : NetUtil.bytesToIpAddress(address);
        return Target.of(host, in.readUnsignedShort());
    }

    private boolean greet(ByteBuf in, ByteBuf out) throws Refusal {
        int start = in.readerIndex();
        if (in.readableBytes() < 2 || in.readableBytes() < 2 + in.getUnsignedByte(start + 1)) {
            return false;
        }
        int methods = in.getUnsignedByte(start + 1);
        boolean none = in.indexOf(start + 2, start + 2 + methods, (byte) 0) >= 0;
        in.skipBytes(2 + methods);
        if (!none) {
            throw new Refusal(Refusal.Reason.NO_METHOD);
        }
        out.writeByte(VERSION).writeByte(0);
        greeted = true;
        return true;
    }

    @Override
    public ByteBuf granted(ByteBufAllocator alloc) {
        return reply(alloc, 0);
    }

    @Override
    public ByteBuf refused(ByteBufAllocator alloc, Refusal.Reason reason) {
        return greeted ? reply(alloc, reason.socks()) : alloc.buffer(2).writeByte(VERSION).writeByte(Refusal.Reason.NO_METHOD.socks());
    }

    /** The bound address is the mesh's business: none is told. */
    private static ByteBuf reply(ByteBufAllocator alloc, int code) {
        return alloc.buffer(10).writeByte(VERSION).writeByte(code).writeByte(0).writeByte(IPV4).writeInt(0).writeShort(0);
    }
}
