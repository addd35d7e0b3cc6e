package dev.outrider.xds.resource.part;

import dev.outrider.xds.model.RouteConfiguration.HeaderMutations;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations.Append;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations.Append.Action;
import dev.outrider.xds.proto.envoy.config.core.v3.HeaderValueOption;
import java.util.ArrayList;
import java.util.List;

/** request_headers_to_add and its three siblings, as they occur on four levels of a route configuration. Pure. */
public final class HeaderMutationParser {

    /** Envoy's own bound. */
    private static final int MAX_ITEMS = 1000;

    private HeaderMutationParser() {}

    public static HeaderMutations parse(
            List<HeaderValueOption> requestAdd,
            List<String> requestRemove,
            List<HeaderValueOption> responseAdd,
            List<String> responseRemove,
            Scope at) {
        if (requestAdd.isEmpty() && requestRemove.isEmpty() && responseAdd.isEmpty() && responseRemove.isEmpty()) {
            return HeaderMutations.NONE;
        }
        return new HeaderMutations(
                appends(requestAdd, "request_headers_to_add", at),
                removes(requestRemove, "request_headers_to_remove", at),
                appends(responseAdd, "response_headers_to_add", at),
                removes(responseRemove, "response_headers_to_remove", at));
    }

    public static List<Append> appends(List<HeaderValueOption> options, String field, Scope at) {
        if (options.size() > MAX_ITEMS) {
            at.at(field).reject("has more than " + MAX_ITEMS + " items");
        }
        List<Append> appends = new ArrayList<>(options.size());
        for (int i = 0; i < options.size(); i++) {
            appends.add(append(options.get(i), at.at(field, i)));
        }
        return List.copyOf(appends);
    }

    private static Append append(HeaderValueOption option, Scope at) {
        var header = option.getHeader();
        Scope here = at.at("header");
        String value = header.getValue().isEmpty() ? header.getRawValue().toStringUtf8() : header.getValue();
        return new Append(
                modifiable(Fields.headerName(header.getKey(), here.at("key")), here.at("key")),
                FormatSyntax.check(Fields.headerValue(value, here.at("value")), here.at("value")),
                action(option, at),
                option.getKeepEmptyValue());
    }

    private static Action action(HeaderValueOption option, Scope at) {
        if (option.hasAppend()) {
            if (option.getAppendActionValue() != 0) {
                at.reject("both append and append_action are set");
            }
            return option.getAppend().getValue() ? Action.APPEND_IF_EXISTS_OR_ADD : Action.OVERWRITE_IF_EXISTS_OR_ADD;
        }
        return switch (option.getAppendAction()) {
            case APPEND_IF_EXISTS_OR_ADD -> Action.APPEND_IF_EXISTS_OR_ADD;
            case ADD_IF_ABSENT -> Action.ADD_IF_ABSENT;
            case OVERWRITE_IF_EXISTS_OR_ADD -> Action.OVERWRITE_IF_EXISTS_OR_ADD;
            case OVERWRITE_IF_EXISTS -> Action.OVERWRITE_IF_EXISTS;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(option.getAppendActionValue(), at.at("append_action"));
                yield Action.APPEND_IF_EXISTS_OR_ADD;
            }
        };
    }

    private static List<String> removes(List<String> names, String field, Scope at) {
        List<String> removes = new ArrayList<>(names.size());
        for (int i = 0; i < names.size(); i++) {
            removes.add(modifiable(Fields.headerName(names.get(i), at.at(field, i)), at.at(field, i)));
        }
        return List.copyOf(removes);
    }

    private static String modifiable(String name, Scope at) {
        if (name.startsWith(":") || name.equals("host")) {
            at.reject("'" + name + "': pseudo headers and host cannot be changed here");
        }
        return name;
    }
}
