package dev.outrider.xds.bootstrap;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.outrider.xds.bootstrap.Bootstrap.DynamicResources;
import dev.outrider.xds.bootstrap.Bootstrap.Fixed;
import dev.outrider.xds.bootstrap.Bootstrap.RuntimeLayer;
import dev.outrider.xds.bootstrap.Bootstrap.StatsOptions;
import dev.outrider.xds.bootstrap.Bootstrap.Tag;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.match.StringMatcher;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.proto.envoy.config.bootstrap.v3.RuntimeLayer.LayerSpecifierCase;
import dev.outrider.xds.proto.envoy.config.metrics.v3.StatsConfig;
import dev.outrider.xds.proto.envoy.type.matcher.v3.ListStringMatcher;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.proto.google.protobuf.Value;
import dev.outrider.xds.resource.ParsedResource;
import dev.outrider.xds.resource.ResourceParser;
import dev.outrider.xds.resource.part.ConfigSourceParser;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.part.MatcherParser;
import dev.outrider.xds.resource.part.Scope;
import dev.outrider.xds.resource.type.KnownTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Loads an Envoy v3 bootstrap file and says in one line each what is wrong with it. Reads files; start-up thread. */
public final class BootstrapLoader {

    private static final long MAX_BYTES = 64 << 20;
    private static final String TYPES = "type.googleapis.com/";
    private static final long DEFAULT_FLUSH = 5_000_000_000L;

    private final String origin;
    private final ResourceParser parser;
    private final List<String> errors = new ArrayList<>();
    private final Set<String> ignored = new LinkedHashSet<>();

    private BootstrapLoader(String origin, FileSource files) {
        this.origin = origin;
        this.parser = new ResourceParser(files);
    }

    /** From a file; {@code .pb} is binary, everything else YAML or JSON. */
    public static LoadedBootstrap load(Path file, boolean allowUnknownStaticFields) {
        BootstrapLoader loader = new BootstrapLoader(file.toString(), FileSource.SYSTEM);
        try {
            if (Files.size(file) > MAX_BYTES) {
                return loader.failed("is larger than " + MAX_BYTES + " bytes");
            }
            if (file.toString().endsWith(".pb")) {
                return loader.read(Files.readAllBytes(file));
            }
            return loader.text(Files.readString(file), allowUnknownStaticFields);
        } catch (IOException e) {
            return loader.failed("cannot be read: " + e);
        }
    }

    /** From text; {@code origin} stands in the errors in place of a file's name. */
    public static LoadedBootstrap load(String origin, String text, boolean allowUnknownStaticFields) {
        return new BootstrapLoader(origin, FileSource.SYSTEM).text(text, allowUnknownStaticFields);
    }

    private LoadedBootstrap failed(String reason) {
        return new LoadedBootstrap(null, List.of(origin + ": " + reason), List.of());
    }

    private LoadedBootstrap text(String text, boolean allowUnknown) {
        try {
            return read(TreeText.read(text, "envoy.config.bootstrap.v3.Bootstrap", allowUnknown).toByteArray());
        } catch (InvalidProtocolBufferException e) {
            return failed(String.valueOf(e.getMessage()));
        }
    }

    private LoadedBootstrap read(byte[] wire) throws InvalidProtocolBufferException {
        var message = dev.outrider.xds.proto.envoy.config.bootstrap.v3.Bootstrap.parseFrom(wire);
        var statics = message.getStaticResources();
        Bootstrap value = new Bootstrap(
                new NodeIdentity(
                        message.getNode().getId(), message.getNode().getCluster(), Bytes.wrap(message.getNode().toByteArray())),
                message.getAdmin().hasAddress() ? admin(message) : null,
                fixed(statics.getListenersList(), "listeners", parser::listener),
                fixed(statics.getClustersList(), "clusters", parser::cluster),
                fixed(statics.getSecretsList(), "secrets", parser::secret),
                dynamic(message.getDynamicResources()),
                stats(message),
                runtime(message),
                Bytes.wrap(wire));
        return errors.isEmpty()
                ? new LoadedBootstrap(value, List.of(), List.copyOf(ignored))
                : new LoadedBootstrap(null, errors.stream().map(e -> origin + ": " + e).toList(), List.copyOf(ignored));
    }

    private Address admin(dev.outrider.xds.proto.envoy.config.bootstrap.v3.Bootstrap message) {
        Scope at = Scope.root(FileSource.SYSTEM);
        Address address = Fields.address(message.getAdmin().getAddress(), false, at.at("admin").at("address"));
        errors.addAll(at.reasons());
        return address;
    }

    private <T> List<Fixed<T>> fixed(List<? extends MessageLite> messages, String field, Function<Any, ParsedResource<T>> parse) {
        List<Fixed<T>> all = new ArrayList<>(messages.size());
        Set<String> names = new LinkedHashSet<>();
        for (int i = 0; i < messages.size(); i++) {
            MessageLite message = messages.get(i);
            Any any = Any.newBuilder().setTypeUrl(TYPES + KnownTypes.nameOf(message)).setValue(message.toByteString()).build();
            ParsedResource<T> parsed = parse.apply(any);
            String name = parsed.name().isEmpty() && field.equals("listeners") ? "listener_" + i : parsed.name();
            String where = "static_resources." + field + "[" + i + "] '" + name + "': ";
            parsed.ignored().forEach(extension -> ignored.add(extension.name() + " (" + extension.typeUrl() + ")"));
            parsed.reasons().forEach(reason -> errors.add(where + reason));
            if (!names.add(name)) {
                errors.add(where + "the name is taken by an earlier one");
            }
            T model = parsed.value();
            if (model != null) {
                all.add(new Fixed<>(name, model, any.getTypeUrl(), Bytes.wrap(any.getValue().toByteArray())));
            }
        }
        return List.copyOf(all);
    }

    private DynamicResources dynamic(dev.outrider.xds.proto.envoy.config.bootstrap.v3.Bootstrap.DynamicResources message) {
        Scope at = Scope.root(FileSource.SYSTEM).at("dynamic_resources");
        ConfigSource lds = message.hasLdsConfig() ? ConfigSourceParser.parse(message.getLdsConfig(), at.at("lds_config")) : null;
        ConfigSource cds = message.hasCdsConfig() ? ConfigSourceParser.parse(message.getCdsConfig(), at.at("cds_config")) : null;
        ConfigSource.Grpc ads = message.hasAdsConfig() ? ConfigSourceParser.grpc(message.getAdsConfig(), at.at("ads_config")) : null;
        if ((lds instanceof ConfigSource.Ads || cds instanceof ConfigSource.Ads) && !message.hasAdsConfig()) {
            at.at("ads_config").reject("is missing, lds_config or cds_config refer to it");
        }
        errors.addAll(at.reasons());
        return new DynamicResources(lds, cds, ads);
    }

    private StatsOptions stats(dev.outrider.xds.proto.envoy.config.bootstrap.v3.Bootstrap message) {
        StatsConfig stats = message.getStatsConfig();
        Scope at = Scope.root(FileSource.SYSTEM).at("stats_config").at("stats_matcher");
        List<Tag> tags = stats.getStatsTagsList().stream()
                .map(tag -> new Tag(
                        tag.getTagName(), tag.hasRegex() ? tag.getRegex() : null, tag.hasFixedValue() ? tag.getFixedValue() : null))
                .toList();
        var matcher = stats.getStatsMatcher();
        List<StringMatcher> inclusion = matcher.hasInclusionList() ? matchers(matcher.getInclusionList(), "inclusion_list", at) : null;
        List<StringMatcher> exclusion = matcher.hasExclusionList() ? matchers(matcher.getExclusionList(), "exclusion_list", at) : null;
        errors.addAll(at.reasons());
        return new StatsOptions(
                tags,
                Fields.bool(stats.hasUseAllDefaultTags(), stats.getUseAllDefaultTags(), true),
                matcher.getRejectAll(),
                inclusion,
                exclusion,
                flushNanos(message));
    }

    private static long flushNanos(dev.outrider.xds.proto.envoy.config.bootstrap.v3.Bootstrap message) {
        var interval = message.getStatsFlushInterval();
        return message.hasStatsFlushInterval() ? interval.getSeconds() * 1_000_000_000L + interval.getNanos() : DEFAULT_FLUSH;
    }

    private static List<StringMatcher> matchers(ListStringMatcher list, String field, Scope at) {
        return MatcherParser.strings(list.getPatternsList(), field, at);
    }

    private static List<RuntimeLayer> runtime(dev.outrider.xds.proto.envoy.config.bootstrap.v3.Bootstrap message) {
        List<RuntimeLayer> layers = new ArrayList<>();
        for (var layer : message.getLayeredRuntime().getLayersList()) {
            Map<String, Object> values = new LinkedHashMap<>();
            if (layer.getLayerSpecifierCase() == LayerSpecifierCase.STATIC_LAYER) {
                layer.getStaticLayer().getFieldsMap().forEach((key, value) -> flatten(key, value, values));
            }
            layers.add(new RuntimeLayer(layer.getName(), values));
        }
        return List.copyOf(layers);
    }

    private static void flatten(String key, Value value, Map<String, Object> into) {
        switch (value.getKindCase()) {
            case STRUCT_VALUE -> value.getStructValue().getFieldsMap().forEach((name, inner) -> flatten(key + "." + name, inner, into));
            case NUMBER_VALUE -> into.put(key, value.getNumberValue());
            case BOOL_VALUE -> into.put(key, value.getBoolValue());
            case STRING_VALUE -> into.put(key, value.getStringValue());
            case LIST_VALUE, NULL_VALUE, KIND_NOT_SET -> { }
        }
    }
}
