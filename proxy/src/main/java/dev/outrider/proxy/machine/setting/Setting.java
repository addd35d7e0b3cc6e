package dev.outrider.proxy.machine.setting;

import java.util.List;

/**
 * One thing that can be set.
 *
 * @param path in outrider.yaml, with dots: {@code controlPlane.address}
 * @param variables its names in cluster.env and sidecar.env; the first is the one under which {@link EffectiveSettings#environment} has it
 * @param fallback what holds when nobody says anything, as text; empty when that depends on others or is nothing
 * @param text one or two sentences for the operator
 */
public record Setting(String path, List<String> variables, Form form, String fallback, String text) {

    String variable() {
        return variables.getFirst();
    }

    /** The form in words. */
    public String accepted() {
        return form.text();
    }
}
