package dev.outrider.proxy.datapath.relay;

import dev.outrider.proxy.connection.PeerExchange;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.telemetry.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

class MetadataExchangeHandlerTest {
    private final List<Object> events = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(
            new MetadataExchangeHandler(
                    new PeerExchange() {
                        @Override
                        public byte[] body() {
                            return "us".getBytes(StandardCharsets.UTF_8);
                        }

                        @Override
                        public @Nullable PeerMetadata read(byte[] body) {
                            return new PeerMetadata(new String(body, StandardCharsets.UTF_8), "", "", "", "", "", "", "", "", "", "", Map.of());
                        }
                    },
                    new MetadataExchangeHandler.Counts(new Stats())),
            new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    events.add(event);
                }
            });

    private static ByteBuf preamble(String body, String data) {
        return Unpooled.buffer().writeInt(MetadataExchangeHandler.MAGIC).writeInt(body.length())
                .writeBytes((body + data).getBytes(StandardCharsets.UTF_8));
    }

    private String inbound() {
        var text = new StringBuilder();
        for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
            text.append(next.toString(StandardCharsets.UTF_8));
            next.release();
        }
        return text.toString();
    }

    private void assertPreambleSent() {
        ByteBuf sent = channel.readOutbound();
        assertNotNull(sent);
        assertEquals(preamble("us", ""), sent);
        sent.release();
    }

    @Test
    void thePeersPreambleIsCutOffByteByByteAndOursIsSentOnce() {
        ByteBuf all = preamble("them", "data");
        while (all.isReadable()) {
            channel.writeInbound(all.readRetainedSlice(1));
        }
        all.release();
        assertEquals("data", inbound());
        assertPreambleSent();
        assertNull(channel.readOutbound());
        assertEquals("them", ((MetadataExchangeHandler.PeerFound) events.getFirst()).peer().id());
        assertNull(channel.pipeline().get(MetadataExchangeHandler.class), "gone when done");
    }

    @Test
    void ourPreambleGoesBeforeOurFirstByte() {
        channel.writeOutbound(Unpooled.copiedBuffer("first", StandardCharsets.UTF_8));
        assertPreambleSent();
        ByteBuf data = channel.readOutbound();
        assertEquals("first", data.toString(StandardCharsets.UTF_8));
        data.release();
        channel.writeInbound(preamble("them", "x"));
        assertEquals("x", inbound());
        assertNull(channel.readOutbound());
    }

    @Test
    void aStreamWithoutMagicIsPassedOnWhole() {
        channel.writeInbound(Unpooled.copiedBuffer("hello", StandardCharsets.UTF_8));
        assertEquals("hello", inbound());
        assertNull(((MetadataExchangeHandler.PeerFound) events.getFirst()).peer());
        assertPreambleSent();
    }

    @Test
    void anAnnouncementThatIsTooLongEndsTheConnection() {
        try {
            channel.writeInbound(Unpooled.buffer().writeInt(MetadataExchangeHandler.MAGIC).writeInt(Integer.MAX_VALUE));
            channel.checkException();
        } catch (Exception e) {
            assertEquals("metadata exchange announces 2147483647 bytes, at most 65536 are read", e.getMessage());
        }
        assertEquals(false, channel.isOpen());
        channel.finishAndReleaseAll();
    }
}
