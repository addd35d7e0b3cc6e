package dev.outrider.bench.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** Bytes that an operation may allocate, by operation: a file of lines with a tab between. Immutable. */
record AllocationLimits(Map<String, Long> limits) {

    /** What a figure may exceed its record by: JIT and timing move it by a few bytes from run to run. */
    private static final double SLACK = 0.06;

    private static final long SLACK_BYTES = 16;

    static AllocationLimits read(Path file) throws IOException {
        Map<String, Long> limits = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            int tab = line.indexOf('\t');
            if (!line.startsWith("#") && tab > 0) {
                limits.put(line.substring(0, tab), Long.parseLong(line.substring(tab + 1).strip()));
            }
        }
        return new AllocationLimits(limits);
    }

    /** From what was measured. */
    static AllocationLimits of(SortedMap<String, Double> measured) {
        Map<String, Long> limits = new LinkedHashMap<>();
        measured.forEach((operation, bytes) -> limits.put(operation, bytes < 1 ? 0 : (long) Math.ceil(bytes * (1 + SLACK)) + SLACK_BYTES));
        return new AllocationLimits(limits);
    }

    void write(Path file) throws IOException {
        StringBuilder out = new StringBuilder("# Bytes that an operation may allocate: operation, tab, limit. Written by: outrider bench allocations --record\n");
        limits.forEach((operation, limit) -> out.append(operation).append('\t').append(limit).append('\n'));
        Files.writeString(file, out.toString());
    }

    /** What is wrong with the figures, a line each; less than one byte is none. */
    List<String> objections(SortedMap<String, Double> measured, boolean all) {
        List<String> objections = new ArrayList<>();
        measured.forEach((operation, bytes) -> {
            Long limit = limits.get(operation);
            if (limit == null) {
                objections.add(operation + ": has no limit");
            } else if (bytes >= limit + 1) {
                objections.add(operation + ": allocates " + Math.round(bytes) + " bytes, limit " + limit);
            }
        });
        if (all) {
            limits.keySet().stream().filter(o -> !measured.containsKey(o)).forEach(o -> objections.add(o + ": has a limit and was not measured"));
        }
        return objections;
    }
}
