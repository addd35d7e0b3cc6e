package dev.outrider.xds.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DiscoveryResponse;
import dev.outrider.xds.proto.envoy.service.discovery.v3.Resource;
import dev.outrider.xds.proto.google.protobuf.Any;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What a real istiod sent, from test resources: {@code mesh/<scenario>[/delta|/variants/<name>]/<type>.pb}. */
final class Captured {

    private Captured() {}

    static Path root() {
        try {
            return Path.of(Objects.requireNonNull(Captured.class.getResource("/mesh")).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every captured response, as a path below {@link #root()}. */
    static List<String> files() {
        try (Stream<Path> all = Files.walk(root())) {
            return all.filter(p -> p.toString().endsWith(".pb"))
                    .map(p -> root().relativize(p).toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The resources of one response, whichever protocol it was captured with. */
    static List<Any> resources(String file) {
        try {
            byte[] bytes = Files.readAllBytes(root().resolve(file));
            boolean delta = file.contains("delta/") || file.startsWith("churn/");
            return delta
                    ? DeltaDiscoveryResponse.parseFrom(bytes).getResourcesList().stream().map(Resource::getResource).toList()
                    : DiscoveryResponse.parseFrom(bytes).getResourcesList();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(file, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Parses with the parser that the resource's type asks for. */
    static ParsedResource<?> parse(Any resource) {
        ResourceParser parser = new ResourceParser();
        String type = resource.getTypeUrl().substring(resource.getTypeUrl().lastIndexOf('.') + 1);
        return switch (type) {
            case "Listener" -> parser.listener(resource);
            case "Cluster" -> parser.cluster(resource);
            case "RouteConfiguration" -> parser.routeConfiguration(resource);
            case "ClusterLoadAssignment" -> parser.endpoints(resource);
            case "Secret" -> parser.secret(resource);
            case "NameTable" -> parser.nameTable(resource);
            default -> throw new IllegalArgumentException(resource.getTypeUrl());
        };
    }
}
