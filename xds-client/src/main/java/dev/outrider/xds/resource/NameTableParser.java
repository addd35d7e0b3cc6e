package dev.outrider.xds.resource;

import dev.outrider.xds.model.NameTable;
import dev.outrider.xds.resource.part.FileSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** istio.networking.nds.v1.NameTable. Addresses are passed on as text: the table checks them row by row. Any thread. */
public final class NameTableParser {

    private NameTableParser() {}

    public static Parsed<NameTable> parse(dev.outrider.xds.proto.istio.networking.nds.v1.NameTable message) {
        return Parsed.of(FileSource.SYSTEM, scope -> {
            Map<String, NameTable.Row> rows = new LinkedHashMap<>();
            message.getTableMap().forEach((host, info) -> rows.put(
                    key(host),
                    new NameTable.Row(
                            List.copyOf(info.getIpsList()),
                            info.getRegistry(),
                            info.getShortname(),
                            info.getNamespace(),
                            List.copyOf(info.getAltHostsList()))));
            return new NameTable(Collections.unmodifiableMap(rows));
        });
    }

    private static String key(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
