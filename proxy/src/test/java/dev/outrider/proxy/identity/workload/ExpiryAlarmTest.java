package dev.outrider.proxy.identity.workload;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ExpiryAlarmTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static WorkloadCertificate certificate(String id) {
        return new WorkloadCertificate(new Secret.Certificate(Bytes.EMPTY, Bytes.EMPTY, null, null), id, START, START.plus(Duration.ofHours(100)));
    }

    @Test
    void speaksOnceAtEachShareAndAnewForTheNextCertificate() {
        ExpiryAlarm alarm = new ExpiryAlarm();
        WorkloadCertificate own = certificate("spiffe://a");
        assertNull(alarm.look(own, "", START.plus(Duration.ofHours(49))));
        assertLine(alarm.look(own, "the CA is away", START.plus(Duration.ofHours(50))), Level.INFO, "50 % of its life left, until 2026-01-05T04:00:00Z; not renewed: the CA is away");
        assertNull(alarm.look(own, "", START.plus(Duration.ofHours(60))));
        assertLine(alarm.look(own, "", START.plus(Duration.ofHours(80))), Level.WARNING, "20 % of its life left");
        assertLine(alarm.look(own, "", START.plus(Duration.ofHours(91))), Level.WARNING, "9 % of its life left");
        assertLine(alarm.look(own, "", START.plus(Duration.ofHours(100))), Level.SEVERE, "expired at");
        assertNull(alarm.look(own, "", START.plus(Duration.ofHours(200))));
        assertNotNull(alarm.look(certificate("spiffe://b"), "", START.plus(Duration.ofHours(60))));
    }

    private static void assertLine(ExpiryAlarm.Line line, Level level, String said) {
        assertNotNull(line);
        assertEquals(level, line.level());
        assertTrue(line.text().contains(said), line.text());
    }
}
