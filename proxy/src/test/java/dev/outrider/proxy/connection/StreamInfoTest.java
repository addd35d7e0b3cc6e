package dev.outrider.proxy.connection;

import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.xds.model.Metadata;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StreamInfoTest {

    private static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.1", 1);

    private final DownstreamConnection connection = new DownstreamConnection(1, new EmbeddedChannel(), HERE, HERE, null);

    private static Object some(Class<?> type) {
        return switch (type.getSimpleName()) {
            case "long" -> 7L;
            case "int" -> 7;
            case "boolean" -> true;
            case "String" -> "seven";
            case "InetSocketAddress" -> HERE;
            case "Metadata" -> new Metadata(Map.of("seven", Map.of()));
            case "PeerMetadata" -> new PeerMetadata("7", "", "", "", "", "", "", "", "", "", "", Map.of());
            default -> throw new AssertionError("no value of " + type + " for this test");
        };
    }

    /** Whoever adds a field must reset it, or one request's record shows in the next one's log. */
    @Test
    void nothingOfOneStreamIsLeftForTheNext() throws IllegalAccessException {
        StreamInfo used = new StreamInfo(connection);
        StreamInfo fresh = new StreamInfo(connection);
        used.dynamicMetadata().put("filter", Map.of("k", "v"));
        used.flag(ResponseFlag.UF);
        int fields = 0;
        for (Field field : StreamInfo.class.getFields()) {
            if (!Modifier.isFinal(field.getModifiers()) && field.getType() != TlsPeer.class) {
                field.set(used, some(field.getType()));
                assertNotEquals(field.get(fresh), field.get(used), field.getName());
                fields++;
            }
        }
        used.reset();
        for (Field field : StreamInfo.class.getFields()) {
            assertEquals(field.get(fresh), field.get(used), field.getName());
        }
        assertTrue(fields > 40);
        assertTrue(used.dynamicMetadata().isEmpty());
    }

    @Test
    void filterStateTellsThePeersOnly() {
        StreamInfo info = new StreamInfo(connection);
        assertNull(info.filterState("downstream_peer"));
        info.downstreamPeer = new PeerMetadata("sidecar~1", "", "", "", "", "", "", "", "", "", "", Map.of());
        assertEquals("sidecar~1", info.filterState("downstream_peer"));
        assertNull(info.filterState("upstream_peer"));
        assertNull(info.filterState("other"));
    }
}
