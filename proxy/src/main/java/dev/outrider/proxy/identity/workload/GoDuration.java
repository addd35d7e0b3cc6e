package dev.outrider.proxy.identity.workload;

import java.time.Duration;

/** Durations as Istio's log lines have them: {@code 1079h59m59.845s}, {@code 1.5s}. */
final class GoDuration {

    private GoDuration() {}

    static String text(Duration duration) {
        Duration positive = duration.isNegative() ? Duration.ZERO : duration;
        String seconds = positive.toMillisPart() == 0
                ? positive.toSecondsPart() + "s"
                : (positive.toSecondsPart() + "." + String.format("%03d", positive.toMillisPart())).replaceAll("0+$", "") + "s";
        if (positive.toHours() > 0) {
            return positive.toHours() + "h" + positive.toMinutesPart() + "m" + seconds;
        }
        return positive.toMinutes() > 0 ? positive.toMinutes() + "m" + seconds : seconds;
    }
}
