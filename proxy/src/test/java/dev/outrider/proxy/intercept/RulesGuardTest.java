package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.guard.RulesGuard;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RulesGuardTest {
    @TempDir
    private Path directory;

    private final FakeRuleRunner machine = new FakeRuleRunner();
    private final PrintStream out = new PrintStream(OutputStream.nullOutputStream());
    private Interceptor interceptor;
    private RulesGuard guard;
    private Path record;

    @BeforeEach
    void machine() {
        record = directory.resolve("run/guard");
        interceptor = new Interceptor(machine, directory.resolve("state"));
        guard = new RulesGuard(interceptor, record, List.of(), out);
    }

    @Test
    void rulesThatWereFlushedComeBackAndAreCounted() throws Exception {
        interceptor.apply(Cases.plan("transparent"), "nft", out);
        String rules = machine.table;
        assertFalse(guard.look());
        machine.table = "";
        assertTrue(guard.look());
        assertEquals(rules, machine.table);
        assertEquals(0, interceptor.verify(out));
        assertTrue(Files.readString(record).startsWith("restored 1\nlast "));
    }

    @Test
    void routingThatVanishedComesBack() throws Exception {
        interceptor.apply(Cases.plan("transparent"), "nft", out);
        machine.routing.clear();
        assertTrue(guard.look());
        assertEquals(2, machine.routing.size());
    }

    @Test
    void whatWasRemovedOrNeverInstalledStaysAway() throws Exception {
        assertFalse(guard.look());
        interceptor.apply(Cases.plan("page"), "nft", out);
        interceptor.remove(out);
        assertFalse(guard.look());
        assertEquals("", machine.table);
    }

    @Test
    void aRefusalIsSaidAndTriedAgain() throws Exception {
        interceptor.apply(Cases.plan("page"), "nft", out);
        machine.table = "";
        machine.refuses = "nft -f -";
        assertFalse(guard.look());
        machine.refuses = "never";
        assertTrue(guard.look());
    }
}
