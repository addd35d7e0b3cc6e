package dev.outrider.xds;

import dev.outrider.xds.ads.ResourceType;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** An update is refused while an older version serves: a health state, or, if the operator wants it, no service. */
class OnRejectTest {

    /** The library does not answer for a type of which it has nothing. */
    private static final List<Cluster> CLUSTERS = List.of(Cluster.newBuilder().setName("any").build());

    private final ClientRig rig;

    OnRejectTest() throws IOException {
        rig = new ClientRig();
    }

    @AfterEach
    void stop() throws InterruptedException {
        rig.close();
    }

    private static List<Listener> listeners(boolean good, String version) throws IOException {
        List<Listener> all = new ArrayList<>(ClientRig.captured("bookinfo", "lds.pb", Listener.class));
        // Not virtualInbound, which waits for secrets here.
        all.removeIf(one -> !one.getName().equals("virtualOutbound"));
        all.replaceAll(one -> good
                ? one.toBuilder().setStatPrefix("v" + version).build()
                : one.toBuilder().clearFilterChains().clearDefaultFilterChain().build());
        return all;
    }

    private void publish(boolean good, String version) throws IOException {
        rig.cache.setSnapshot("all", Snapshot.create(CLUSTERS, List.of(), listeners(good, version), List.of(), List.of(), version));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void keepIsSaidAgainAndAgain(String api) throws Exception {
        publish(true, "1");
        XdsClient client = rig.connect(api);
        rig.await(seen -> seen.snapshot().listeners().containsKey("virtualOutbound"));
        try (LogProbe refusals = new LogProbe(Findings.class); LogProbe reminders = new LogProbe(XdsClient.class)) {
            publish(false, "2");
            refusals.await("refused: [LISTENER, virtualOutbound] ");
            assertTrue(client.snapshot().listeners().containsKey("virtualOutbound"));
            assertEquals(List.of("LISTENER virtualOutbound"), client.status().policyNotApplied());
            rig.control.execute(client::remindOfPolicy);
            reminders.await("policy-not-applied: an older version serves, because its update was refused, of [LISTENER virtualOutbound]");
        }
        publish(true, "3");
        rig.await(seen -> seen.change().listeners().changed().contains("virtualOutbound"));
        assertEquals(List.of(), client.status().policyNotApplied());
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void closeStopsServingUntilAVersionIsAccepted(String api) throws Exception {
        rig.onReject = OnReject.CLOSE;
        publish(true, "1");
        XdsClient client = rig.connect(api);
        rig.await(seen -> seen.snapshot().listeners().containsKey("virtualOutbound"));
        publish(false, "2");
        ClientRig.Seen closed = rig.await(seen -> !seen.snapshot().listeners().containsKey("virtualOutbound"));
        assertEquals(new MeshChange.Names(Set.of(), Set.of("virtualOutbound")), closed.change().listeners());
        assertFalse(client.status().ready());
        assertEquals(List.of(), client.status().policyNotApplied());
        publish(true, "3");
        rig.await(seen -> seen.snapshot().listeners().containsKey("virtualOutbound"));
    }

    /** What was asked of the client before it was closed is still known, and asking is no error. */
    @Test
    void theStatusOutlivesTheClient() throws Exception {
        publish(true, "1");
        XdsClient client = rig.connect("DELTA_GRPC");
        rig.await(seen -> seen.snapshot().listeners().containsKey("virtualOutbound"));
        client.close();
        rig.control.shutdownNow();
        assertEquals("1", client.status().counters().get(ResourceType.LISTENER).version());
        assertEquals(1, client.archive().types().get(ResourceType.LISTENER).entries().size());
        client.close();
    }
}
