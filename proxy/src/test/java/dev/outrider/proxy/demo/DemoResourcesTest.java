package dev.outrider.proxy.demo;

import com.google.protobuf.Message;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.resource.ParsedResource;
import dev.outrider.xds.resource.ResourceParser;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The demo's configuration is such as the product accepts. */
class DemoResourcesTest {

    private static DemoResources resources() {
        Map<DemoService.Pod, Integer> ports = new HashMap<>();
        for (DemoService service : DemoService.values()) {
            service.pods().forEach(p -> ports.put(p, 1000));
        }
        return new DemoResources(DemoPorts.DEFAULT, ports);
    }

    @Test
    void everyResourceIsAccepted() {
        for (Snapshot snapshot : List.of(resources().machine(List.of(50, 0, 50), "1"), resources().cluster("1"))) {
            ResourceParser parser = new ResourceParser();
            accepted(snapshot.listeners().resources().values(), parser::listener);
            accepted(snapshot.clusters().resources().values(), parser::cluster);
            accepted(snapshot.endpoints().resources().values(), parser::endpoints);
            accepted(snapshot.routes().resources().values(), parser::routeConfiguration);
        }
    }

    private static <T> void accepted(Collection<? extends Message> messages, Function<Any, ParsedResource<T>> parser) {
        assertTrue(!messages.isEmpty());
        for (Message message : messages) {
            ParsedResource<T> parsed = parser.apply(Any.newBuilder()
                    .setTypeUrl("type.googleapis.com/" + message.getDescriptorForType().getFullName())
                    .setValue(message.toByteString())
                    .build());
            assertEquals(List.of(), parsed.reasons(), parsed.name());
        }
    }
}
