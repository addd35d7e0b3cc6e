package dev.outrider.proxy.datapath.filter;

import io.netty.buffer.ByteBuf;

/** Counts the messages in a gRPC body: five bytes of prefix, then the length that they tell. Confined to one stream. */
public final class GrpcFrames {

    private long messages;
    private long skip;
    private int prefix;
    private long length;

    public void read(ByteBuf data) {
        int at = data.readerIndex();
        int end = data.writerIndex();
        while (at < end) {
            if (skip > 0) {
                long step = Math.min(skip, end - at);
                skip -= step;
                at += (int) step;
            } else {
                int b = data.getUnsignedByte(at++);
                length = prefix == 0 ? 0 : length << 8 | b;
                if (++prefix == 5) {
                    messages++;
                    skip = length;
                    prefix = 0;
                }
            }
        }
    }

    public long messages() {
        return messages;
    }
}
