package dev.outrider.proxy.datapath.upstream;

import dev.outrider.proxy.http.StreamEvents;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The HTTP pools of one event loop, made on first use and forgotten when empty. Confined to that loop. */
public final class HttpPools implements StreamPool {

    private final EventLoop loop;
    private final Connector connector;
    private final Map<HttpPool.Key, HttpPool> pools = new HashMap<>();
    /** The one that was asked last; often the next one too. */
    private @Nullable HttpPool last;

    public HttpPools(EventLoop loop, Connector connector) {
        this.loop = loop;
        this.connector = connector;
    }

    @Override
    public Request stream(Origin origin, boolean http2, List<String> alpn, String sniOverride, StreamEvents.Response events, Waiter waiter) {
        assert loop.inEventLoop();
        HttpPool pool = last;
        if (pool == null || !pool.key().is(origin, http2, alpn, sniOverride)) {
            pool = pools.computeIfAbsent(new HttpPool.Key(origin, http2, alpn, sniOverride), key -> new HttpPool(key, loop, connector, this));
            last = pool;
        }
        return pool.request(events, waiter);
    }

    @Override
    public void drain(Origin origin) {
        assert loop.inEventLoop();
        for (HttpPool pool : new ArrayList<>(pools.values())) {
            if (pool.key().origin() == origin) {
                forget(pool);
                pool.drain();
            }
        }
    }

    /** Closes every connection and fails what waits: the loop ends. */
    public void close() {
        for (HttpPool pool : new ArrayList<>(pools.values())) {
            pool.close();
        }
        pools.clear();
        last = null;
    }

    /** Pools that hold or await connections. */
    public int size() {
        return pools.size();
    }

    void emptied(HttpPool pool) {
        forget(pool);
    }

    private void forget(HttpPool pool) {
        pools.remove(pool.key(), pool);
        if (last == pool) {
            last = null;
        }
    }
}
