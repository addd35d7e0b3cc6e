package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One connection on which calls are made one after the other, by a thread that waits for each answer. Allocates nothing of its own, so that what a
 * benchmark counts is the other side's. One thread.
 */
public abstract class BlockingCalls implements AutoCloseable {

    private static final int LARGEST_ANSWER = 64 * 1024;

    private final SocketChannel socket;
    private final ByteBuffer in = ByteBuffer.allocateDirect(LARGEST_ANSWER);
    private final ByteBuf read = Unpooled.wrappedBuffer(in);

    private BlockingCalls(int port) throws IOException {
        socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** HTTP/1.1 GET. */
    public static BlockingCalls http(int port) throws IOException {
        return new Http(port);
    }

    /** Unary gRPC of 50 bytes. */
    public static BlockingCalls grpc(int port) throws IOException {
        return new Grpc(port);
    }

    /** One call; the size of what came back. Throws when the answer is no success. */
    public abstract int call() throws IOException;

    final void send(ByteBuffer bytes) throws IOException {
        bytes.rewind();
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    /** Forgets what was received. */
    final ByteBuf fresh() {
        in.clear();
        return read.setIndex(0, 0);
    }

    /** Waits for more. */
    final void receive() throws IOException {
        if (socket.read(in) < 0) {
            throw new EOFException("the connection was closed");
        }
        read.writerIndex(in.position());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static ByteBuffer direct(ByteBuf bytes) {
        ByteBuffer out = ByteBuffer.allocateDirect(bytes.readableBytes());
        bytes.getBytes(bytes.readerIndex(), out);
        return out.flip();
    }

    private static final class Http extends BlockingCalls {

        private final ByteBuffer request = direct(HttpCaller.REQUEST);

        private Http(int port) throws IOException {
            super(port);
        }

        @Override
        public int call() throws IOException {
            send(request);
            ByteBuf answer = fresh();
            int size;
            do {
                receive();
                size = HttpAnswer.size(answer);
            } while (size < 0);
            if (!HttpAnswer.success(answer)) {
                throw new IOException("no success: " + answer.toString(StandardCharsets.ISO_8859_1));
            }
            return size;
        }
    }

    private static final class Grpc extends BlockingCalls {

        private static final int FRAME_HEAD = 9;
        private static final int STREAM_AT = 5;

        private final ByteBuffer call;
        private int stream = -1;

        private Grpc(int port) throws IOException {
            super(port);
            ByteBuf greeting = Unpooled.buffer().writeBytes(GrpcCaller.PREFACE);
            Http2Frames.greeting(greeting);
            send(direct(greeting));
            ByteBuf bytes = Unpooled.buffer();
            Http2Frames.head(bytes, GrpcCaller.HEAD.length, Http2Frames.HEADERS, Http2Frames.END_HEADERS, 0).writeBytes(GrpcCaller.HEAD);
            Http2Frames.head(bytes, GrpcCaller.BODY.length, Http2Frames.DATA, Http2Frames.END_STREAM, 0).writeBytes(GrpcCaller.BODY);
            call = direct(bytes);
        }

        @Override
        public int call() throws IOException {
            stream += 2;
            call.putInt(STREAM_AT, stream);
            call.putInt(FRAME_HEAD + GrpcCaller.HEAD.length + STREAM_AT, stream);
            send(call);
            ByteBuf answer = fresh();
            int at = 0;
            while (true) {
                receive();
                for (int size = frame(answer, at); size > 0; size = frame(answer, at)) {
                    if (endsCall(answer, at)) {
                        return at + size;
                    }
                    at += size;
                }
            }
        }

        /** Size of the frame at this index; 0 while it is not whole. */
        private static int frame(ByteBuf in, int at) {
            int size = in.writerIndex() < at + FRAME_HEAD ? 0 : FRAME_HEAD + in.getUnsignedMedium(at);
            return in.writerIndex() < at + size ? 0 : size;
        }

        private boolean endsCall(ByteBuf in, int at) throws IOException {
            int type = in.getByte(at + 3);
            if (type == Http2Frames.RST_STREAM || type == Http2Frames.GOAWAY) {
                throw new IOException("the call was refused with frame type " + type);
            }
            return in.getInt(at + STREAM_AT) == stream && type <= Http2Frames.HEADERS && (in.getByte(at + 4) & Http2Frames.END_STREAM) != 0;
        }
    }
}
