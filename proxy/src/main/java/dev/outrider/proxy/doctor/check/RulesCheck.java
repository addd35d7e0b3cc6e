package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.List;

/** Whether traffic is taken, by the rules that were installed. */
final class RulesCheck implements Check {

    private static final String NAME = "rules";

    @Override
    public List<Finding> look(Machine machine) {
        Machine.Rules rules = machine.rules();
        if (!rules.readable()) {
            return List.of(Finding.warning(NAME, "the rules can be read by root alone", "sudo outrider doctor"));
        }
        if (!rules.installed()) {
            return List.of(Finding.error(NAME, "none are installed: traffic does not go through the mesh", "outrider intercept apply --rollback-after 60"));
        }
        if (!rules.difference().isEmpty()) {
            return List.of(Finding.error(NAME, "they are not as installed (" + rules.difference() + "): something flushed or changed them", "outrider intercept apply"));
        }
        return List.of(Finding.ok(NAME, "as installed"));
    }
}
