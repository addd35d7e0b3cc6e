package dev.outrider.proxy.datapath.filter;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.outrider.proxy.connection.PeerMetadata;
import java.util.Base64;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

class PeerStructTest {

    private static final PeerMetadata PEER = new PeerMetadata("id", "pod", "ns", "wl", "kubernetes://apis/apps/v1/namespaces/ns/deployments/wl",
            "Kubernetes", "spiffe://td/ns/ns/sa/x", "canon", "v3", "app", "v2", Map.of("extra", "1"));

    @Test
    void isWhatProtobufReads() throws Exception {
        Struct read = Struct.parseFrom(Base64.getDecoder().decode(PeerStruct.encode(PEER)));
        assertEquals("pod", read.getFieldsOrThrow("NAME").getStringValue());
        assertEquals("canon", read.getFieldsOrThrow("LABELS").getStructValue().getFieldsOrThrow("service.istio.io/canonical-name").getStringValue());
    }

    @Test
    void readsWhatItWrites() {
        PeerMetadata back = PeerStruct.decode("id", PeerStruct.encode(PEER));
        assertNotNull(back);
        assertEquals("wl", back.workload());
        assertEquals("canon", back.canonicalName());
        assertEquals("v3", back.canonicalRevision());
        assertEquals("app", back.app());
        assertEquals("1", back.labels().get("extra"));
    }

    @Test
    void readsProtobufsOrderToo() {
        Struct labels = Struct.newBuilder().putFields("app", text("reviews")).build();
        Struct struct = Struct.newBuilder().putFields("OWNER", text("kubernetes://apis/apps/v1/namespaces/d/deployments/reviews-v1"))
                .putFields("N", Value.newBuilder().setNumberValue(1).build()).putFields("L", Value.newBuilder().setBoolValue(true).build())
                .putFields("LABELS", Value.newBuilder().setStructValue(labels).build()).build();
        PeerMetadata peer = PeerStruct.decode("x", Base64.getEncoder().withoutPadding().encodeToString(struct.toByteArray()));
        assertNotNull(peer);
        assertEquals("reviews-v1", peer.workload());
        assertEquals("reviews", peer.canonicalName());
        assertEquals("latest", peer.canonicalRevision());
    }

    @Test
    void hostileValuesEndInNull() {
        assertNull(PeerStruct.decode("x", "!!"));
        assertNull(PeerStruct.decode("x", "A".repeat(20_000)));
        Random random = new Random(3);
        byte[] good = Base64.getDecoder().decode(PeerStruct.encode(PEER));
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            PeerStruct.decode("x", Base64.getEncoder().encodeToString(bad));
        }
    }

    @Test
    void isDeterministic() {
        assertArrayEquals(PeerStruct.struct(Map.of("b", "1", "a", "2")), PeerStruct.struct(Map.of("a", "2", "b", "1")));
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }
}
