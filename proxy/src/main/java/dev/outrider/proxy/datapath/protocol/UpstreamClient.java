package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.ResponseHead;
import io.netty.buffer.ByteBuf;

/** What the upstream side of a request tells the client's side. On the event loop of both. */
interface UpstreamClient {

    void reply(LocalReply reply);

    void onInformational(ResponseHead head);

    void onResponse(ResponseHead head, boolean end);

    void onResponseData(ByteBuf data, boolean end);

    void onResponseTrailers(Headers trailers);

    void onResponseBroken(ResponseFlag flag, String details);

    void pauseClient(boolean pause);
}
