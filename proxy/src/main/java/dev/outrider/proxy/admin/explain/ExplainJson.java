package dev.outrider.proxy.admin.explain;

import dev.outrider.proxy.explain.Step;
import dev.outrider.proxy.explain.Trace;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A trace for scripts. Pure. */
final class ExplainJson {

    private ExplainJson() {}

    static Map<String, Object> of(Trace trace) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("of", trace.of());
        all.put("works", trace.works());
        all.put("parts", trace.parts().stream().map(ExplainJson::part).toList());
        return all;
    }

    private static Map<String, Object> part(Trace.Part part) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("caller", part.title());
        one.put("works", part.works());
        one.put("steps", part.steps().stream().map(ExplainJson::step).toList());
        return one;
    }

    private static Map<String, Object> step(Step step) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("stage", step.stage());
        one.put("level", step.level().name().toLowerCase(Locale.ROOT));
        one.put("what", step.what());
        one.put("details", step.details());
        one.put("remedy", step.remedy());
        return one;
    }
}
