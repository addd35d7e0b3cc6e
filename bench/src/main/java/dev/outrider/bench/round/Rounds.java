package dev.outrider.bench.round;

import dev.outrider.bench.process.ProcFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Runs one workload: every contender once a round, in turn, so that what drifts on the machine meets all of them alike. A contender that fails is
 * left out by name. One thread.
 */
public final class Rounds {

    private final Lab lab;
    private final Consumer<String> progress;

    public Rounds(Lab lab, Consumer<String> progress) {
        this.lab = lab;
        this.progress = progress;
    }

    public Outcome run(Workload workload) {
        Outcome outcome = new Outcome(workload);
        List<Contender> able = new ArrayList<>();
        for (Contender contender : workload.contenders(lab)) {
            String missing = contender.missing();
            if (missing.isEmpty()) {
                able.add(contender);
            } else {
                leaveOut(outcome, contender, missing);
            }
        }
        try {
            if (workload.keepsRunning()) {
                able.removeIf(contender -> !up(outcome, contender));
            }
            for (int round = 1; round <= lab.effort().rounds(); round++) {
                progress.accept(workload.id() + ": round " + round + " of " + lab.effort().rounds());
                able.removeIf(contender -> !slot(outcome, contender, workload.keepsRunning()));
            }
        } finally {
            able.forEach(Contender::close);
        }
        return outcome;
    }

    private boolean up(Outcome outcome, Contender contender) {
        try {
            contender.start();
            contender.warm();
            return true;
        } catch (RuntimeException e) {
            return fail(outcome, contender, e);
        }
    }

    private boolean slot(Outcome outcome, Contender contender, boolean running) {
        try {
            outcome.add(contender.name(), quietest(contender, running));
            return true;
        } catch (RuntimeException e) {
            return fail(outcome, contender, e);
        }
    }

    /** The first attempt that nothing else disturbed, or else the one that was disturbed least. */
    private Sample quietest(Contender contender, boolean running) {
        Sample best = null;
        for (int attempt = 0; attempt < lab.effort().attempts(); attempt++) {
            Sample sample = running ? observed(contender) : fresh(contender);
            if (best == null || sample.foreignCores() < best.foreignCores()) {
                best = sample;
            }
            if (best.foreignCores() <= Effort.MOST_FOREIGN_CORES) {
                break;
            }
        }
        return Objects.requireNonNull(best);
    }

    private Sample fresh(Contender contender) {
        try {
            contender.start();
            return observed(contender);
        } finally {
            contender.close();
        }
    }

    private Sample observed(Contender contender) {
        long began = System.nanoTime();
        double busy = ProcFiles.busySeconds();
        double own = lab.children().ownSeconds();
        Sample sample = contender.measure();
        double seconds = (System.nanoTime() - began) / 1e9;
        sample.foreignCores(Math.max(0, ProcFiles.busySeconds() - busy - (lab.children().ownSeconds() - own)) / seconds);
        return sample;
    }

    private boolean fail(Outcome outcome, Contender contender, RuntimeException e) {
        contender.close();
        progress.accept(outcome.workload().id() + ": without " + contender.name() + ", which failed: " + e.getMessage());
        outcome.failed(contender.name(), String.valueOf(e.getMessage()));
        return false;
    }

    private void leaveOut(Outcome outcome, Contender contender, String reason) {
        progress.accept(outcome.workload().id() + ": without " + contender.name() + ": " + reason);
        outcome.absent(contender.name(), reason);
    }
}
