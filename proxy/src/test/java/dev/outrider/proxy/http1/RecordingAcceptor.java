package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Notes what a server codec tells, and answers complete requests with 200 when asked to. */
final class RecordingAcceptor implements StreamAcceptor {
    final List<String> log = new ArrayList<>();
    final List<HttpStream.Response> streams = new ArrayList<>();
    boolean answer = true;

    @Override
    public StreamEvents.Request onStream(HttpStream.Response stream) {
        streams.add(stream);
        return new StreamEvents.Request() {
            private final StringBuilder body = new StringBuilder();

            @Override
            public void onHead(RequestHead head, boolean end) {
                log.add(head.method() + " " + head.authority() + " " + head.path() + " "
                        + head.headers().toString().replace("\n", "|") + (head.upgrade().isEmpty() ? "" : " upgrade=" + head.upgrade()));
                if (end) {
                    done();
                }
            }

            @Override
            public void onData(ByteBuf data, boolean end) {
                body.append(data.toString(StandardCharsets.ISO_8859_1));
                data.release();
                if (end) {
                    done();
                }
            }

            @Override
            public void onTrailers(Headers trailers) {
                log.add("trailers " + trailers.toString().replace("\n", "|"));
                done();
            }

            @Override
            public void onReset(StreamReset reason, String details) {
                log.add("reset " + reason + " " + details);
            }

            @Override
            public void onWritable() {}

            private void done() {
                if (!body.isEmpty()) {
                    log.add("body " + body);
                }
                if (answer) {
                    ResponseHead ok = new ResponseHead();
                    ok.reset(200);
                    stream.sendHead(ok, true);
                }
            }
        };
    }

    @Override
    public void onRefused(int status, String details, long bytesReceived, long bytesSent) {
        log.add("refused " + status + " " + details);
    }
}
