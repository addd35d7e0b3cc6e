package dev.outrider.proxy.datapath.explicit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What clients may say, byte by byte and at once. */
class DialogueTest {

    private final ByteBuf out = Unpooled.buffer();

    private static ByteBuf hex(String text) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }

    private static ByteBuf request(String head) {
        return Unpooled.copiedBuffer(head.replace("|", "\r\n"), StandardCharsets.US_ASCII);
    }

    private @Nullable Target drip(Dialogue dialogue, ByteBuf all) throws Refusal {
        ByteBuf in = Unpooled.buffer();
        Target target = null;
        while (all.isReadable()) {
            assertNull(target, "read beyond its end");
            in.writeByte(all.readByte());
            target = dialogue.read(in, out);
        }
        return target;
    }

    @ParameterizedTest
    @CsvSource({
        "05 01 00 05 01 00 01 0a 60 00 0b 23 78, 10.96.0.11, 9080",
        "05 02 02 00 05 01 00 03 07 72 65 76 69 65 77 73 00 50, reviews, 80",
        "05 01 00 05 01 00 04 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 01 bb, fd00::1, 443"})
    void socksNamesItsTargetHoweverItArrives(String bytes, String host, int port) throws Exception {
        Target expected = new Target(host, port);
        assertEquals(expected, drip(new Socks5(), hex(bytes)));
        assertEquals("0500", ByteBufUtil.hexDump(out));
        assertEquals(expected, new Socks5().read(hex(bytes), out));
    }

    @ParameterizedTest
    @CsvSource({
        "05 01 02, NO_METHOD",
        "05 00, NO_METHOD",
        "05 01 00 05 02 00 01 0a 60 00 0b 23 78, NOT_CONNECT",
        "05 01 00 05 03 00 01 0a 60 00 0b 23 78, NOT_CONNECT",
        "05 01 00 05 01 00 02 0a 60 00 0b 23 78, ADDRESS_TYPE",
        "05 01 00 04 01 00 01 0a 60 00 0b 23 78, MALFORMED",
        "05 01 00 05 01 00 01 0a 60 00 0b 00 00, MALFORMED",
        "05 01 00 05 01 00 03 00 00 50, MALFORMED",
        "05 01 00 05 01 00 03 03 61 0d 0a 00 50, MALFORMED"})
    void whatIsNoneIsRefused(String bytes, Refusal.Reason reason) {
        assertEquals(reason, assertThrows(Refusal.class, () -> new Socks5().read(hex(bytes), out)).reason());
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECT reviews.default:9080 HTTP/1.1|Host: reviews.default:9080|User-Agent: curl/8||, reviews.default, 9080",
        "CONNECT 10.96.0.11:443 HTTP/1.0||, 10.96.0.11, 443",
        "CONNECT [fd00::1]:443 HTTP/1.1|||, fd00::1, 443"})
    void connectNamesItsTarget(String head, String host, int port) throws Exception {
        ByteBuf whole = request(head.endsWith("|||") ? head.substring(0, head.length() - 1) : head);
        assertEquals(new Target(host, port), new HttpConnect().read(whole.duplicate(), out));
        assertEquals(new Target(host, port), drip(new HttpConnect(), whole));
    }

    @ParameterizedTest
    @CsvSource({
        "GET http://reviews:9080/ HTTP/1.1||, NOT_CONNECT",
        "CONNECT reviews HTTP/1.1||, MALFORMED",
        "CONNECT reviews: HTTP/1.1||, MALFORMED",
        "CONNECT reviews:0 HTTP/1.1||, MALFORMED",
        "CONNECT reviews:70000 HTTP/1.1||, MALFORMED",
        "CONNECT a@reviews:80 HTTP/1.1||, MALFORMED",
        "CONNECT [fd00::zz]:80 HTTP/1.1||, MALFORMED",
        "CONNECT  reviews:80 HTTP/1.1||, MALFORMED",
        "CONNECT reviews:80 HTTP/2||, MALFORMED",
        "connect reviews:80 HTTP/1.1||, MALFORMED"})
    void otherRequestsAreNot(String head, Refusal.Reason reason) {
        assertEquals(reason, assertThrows(Refusal.class, () -> new HttpConnect().read(request(head), out)).reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {"data that follows", ""})
    void whatFollowsIsLeftToTheTarget(String data) throws Exception {
        ByteBuf in = request("CONNECT reviews:80 HTTP/1.1||" + data);
        assertNotNull(new HttpConnect().read(in, out));
        assertEquals(data, in.toString(StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UNKNOWN_HOST", "NOT_READY", "OWN_PORT"})
    void aRefusalSaysWhatToDo(Refusal.Reason reason) throws Exception {
        ByteBuf http = new HttpConnect().refused(UnpooledByteBufAllocator.DEFAULT, reason);
        String text = http.toString(StandardCharsets.US_ASCII);
        assertTrue(text.startsWith("HTTP/1.1 " + reason.status() + "\r\n"), text);
        assertTrue(text.contains("\r\ncontent-length: " + text.substring(text.indexOf("\r\n\r\n") + 4).length() + "\r\n"), text);
        http.release();
        Socks5 socks = new Socks5();
        assertNull(socks.read(hex("05 01 00"), out));
        ByteBuf reply = socks.refused(UnpooledByteBufAllocator.DEFAULT, reason);
        assertEquals(10, reply.readableBytes());
        assertEquals(reason.socks(), reply.getByte(1));
        reply.release();
    }
}
