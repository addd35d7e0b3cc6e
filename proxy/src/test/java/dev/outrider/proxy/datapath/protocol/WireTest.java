package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.http1.Http1ServerCodec;
import dev.outrider.proxy.http1.Http1Settings;
import dev.outrider.xds.model.AccessLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The connection manager behind the real HTTP/1 codec. */
class WireTest {

    @TempDir
    Path folder;

    private Laboratory laboratory() {
        Models.Hcm hcm = new Models.Hcm();
        String format = "%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %ROUTE_NAME% %DOWNSTREAM_WIRE_BYTES_RECEIVED%"
                + " %DOWNSTREAM_HEADER_BYTES_RECEIVED%\n";
        hcm.logs = List.of(new AccessLog(
                new AccessLog.Sink.File(folder.resolve("log").toString(), new AccessLog.Format.Text(format, false)), new AccessLog.Filter.Always()));
        Laboratory lab = new Laboratory(hcm);
        lab.channel.pipeline().addLast(new Http1ServerCodec(Http1Settings.of(hcm.make(), false), lab.acceptor));
        return lab;
    }

    private static String exchange(Laboratory lab, String bytes) {
        lab.channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
        return out(lab);
    }

    private static String out(Laboratory lab) {
        lab.channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf piece = lab.channel.readOutbound(); piece != null; piece = lab.channel.readOutbound()) {
            text.append(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
        }
        return text.toString();
    }

    @Test
    void requestsAndAnswersOnOneConnection() throws Exception {
        Laboratory lab = laboratory();
        assertEquals("", exchange(lab, "GET /a HTTP/1.1\r\nHost: a.test\r\nX-Case: one\r\n\r\n"));
        lab.last().answer(200, false, "content-length", "2");
        lab.last().events.onData(Unpooled.copiedBuffer("hi", StandardCharsets.US_ASCII), true);
        String first = out(lab);
        assertTrue(first.startsWith("HTTP/1.1 200 OK\r\n"), first);
        assertTrue(first.endsWith("\r\n\r\nhi"), first);
        assertTrue(first.contains("server: envoy\r\n"), first);
        exchange(lab, "POST /b HTTP/1.1\r\nhost: a.test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        assertEquals("abc", lab.last().body.toString());
        assertTrue(lab.last().ended);
        lab.last().answer(204, true);
        assertTrue(out(lab).startsWith("HTTP/1.1 204 No Content\r\n"));
        assertTrue(lab.channel.isOpen());
        String refused = exchange(lab, "GET /x HTTP/1.1\r\n\r\n");
        assertTrue(refused.startsWith("HTTP/1.1 400 Bad Request\r\n"), refused);
        lab.pass(2000);
        assertFalse(lab.channel.isOpen());
        lab.close();
        List<String> lines = Files.readAllLines(folder.resolve("log"));
        assertEquals("GET /a 200 - via_upstream r/ 46 25", lines.get(0));
        assertTrue(lines.get(1).startsWith("POST /b 204 - via_upstream r/ "), lines.get(1));
        assertEquals("GET /x 400 - missing_host_header - 19 0", lines.get(2));
    }

    @Test
    void anUpgradeThatIsNotAllowedIsRefusedAndLoggedWithItsRoute() throws Exception {
        Laboratory lab = laboratory();
        String answer = exchange(lab, "GET /a HTTP/1.1\r\nhost: a.test\r\nupgrade: zzz\r\nconnection: upgrade\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 403 Forbidden\r\n"), answer);
        lab.pass(2000);
        lab.close();
        assertTrue(Files.readAllLines(folder.resolve("log")).getFirst().startsWith("GET /a 403 - upgrade_failed r/ "));
    }

    @Test
    void aLocalReplyBeforeTheBodyIsReadEndsTheConnection() {
        Laboratory lab = laboratory();
        lab.clusters.clear();
        String answer = exchange(lab, "POST /a HTTP/1.1\r\nhost: a.test\r\ncontent-length: 5\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), answer);
        assertTrue(answer.contains("connection: close\r\n"), answer);
        lab.close();
    }
}
