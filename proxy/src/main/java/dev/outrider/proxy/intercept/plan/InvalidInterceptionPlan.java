package dev.outrider.proxy.intercept.plan;

import java.util.List;

/** Settings that cannot be a plan: each line names the setting, its value and the accepted form. */
public final class InvalidInterceptionPlan extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidInterceptionPlan(List<String> errors) {
        super(String.join("\n", errors), null, false, false);
    }
}
