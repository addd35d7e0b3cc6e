package dev.outrider.xds.resource;

import com.google.protobuf.ByteString;
import dev.outrider.xds.proto.google.protobuf.Any;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

/** Any bytes get an answer: captured resources with random bytes changed, cut, doubled and inserted. */
class HostileInputTest {

    /** Fixed, so that a failure can be repeated. */
    private static final long SEED = 20_261_124;

    private static final int ROUNDS = 6;

    @Test
    void mutatedResourcesNeverThrow() {
        Random random = new Random(SEED);
        List<Any> corpus = new ArrayList<>();
        for (String scenario : List.of("bookinfo", "routing", "security", "resilience", "tcp-tls", "telemetry", "extensions")) {
            for (String type : List.of("lds", "cds", "rds", "eds", "nds")) {
                corpus.addAll(Captured.resources(scenario + "/" + type + ".pb"));
            }
        }
        corpus.addAll(Captured.resources("tcp-tls/sds.pb"));
        int accepted = 0;
        for (Any resource : corpus) {
            for (int round = 0; round < ROUNDS; round++) {
                Any mutated = resource.toBuilder()
                        .setValue(ByteString.copyFrom(mutate(resource.getValue().toByteArray(), random)))
                        .build();
                ParsedResource<?> parsed = Captured.parse(mutated);
                assertEquals(parsed.accepted(), parsed.reasons().isEmpty());
                assertFalse(parsed.reasons().stream().anyMatch(r -> r.length() > 500));
                assertFalse(parsed.reasons().stream().anyMatch(r -> r.contains("cannot be parsed")), parsed.reasons().toString());
                assertNotNull(AnyJson.render(mutated.getTypeUrl(), mutated.getValue().toByteArray()));
                accepted += parsed.accepted() ? 1 : 0;
            }
        }
        assertFalse(accepted == 0, "mutation is too coarse to reach the parsers");
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        byte[] copy = bytes.clone();
        switch (random.nextInt(4)) {
            case 0 -> copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
            case 1 -> copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
            case 2 -> copy = Arrays.copyOf(copy, random.nextInt(copy.length));
            default -> {
                for (int i = 0; i < 4; i++) {
                    copy[random.nextInt(copy.length)] += (byte) (random.nextInt(3) - 1);
                }
            }
        }
        return copy;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "type.googleapis.com/envoy.config.cluster.v3.Cluster", "type.googleapis.com/java.lang.String"})
    void aWrongTypeIsNamed(String typeUrl) {
        Any resource = Any.newBuilder().setTypeUrl(typeUrl).build();
        assertEquals(
                List.of("type '" + typeUrl + "' is not envoy.config.listener.v3.Listener"),
                new ResourceParser().listener(resource).reasons());
    }
}
