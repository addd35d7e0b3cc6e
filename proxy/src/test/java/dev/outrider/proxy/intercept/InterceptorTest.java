package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.guard.DeadManSwitch;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class InterceptorTest {
    @TempDir
    Path state;

    private final FakeRuleRunner machine = new FakeRuleRunner();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    private Interceptor interceptor;

    @BeforeEach
    void machine() {
        interceptor = new Interceptor(machine, state);
    }

    @Test
    void applyingTwiceChangesOnce() throws Exception {
        interceptor.apply(Cases.plan("transparent"), "auto", out);
        int commands = machine.commands.size();
        interceptor.apply(Cases.plan("transparent"), "auto", out);
        assertTrue(machine.commands.subList(commands, machine.commands.size()).stream().noneMatch(command -> command.equals("nft -f -") || command.contains(" add ")));
        assertTrue(said.toString(StandardCharsets.UTF_8).contains("already in place"));
        assertEquals(0, interceptor.verify(out));
    }

    @Test
    void aRefusalLeavesNothingAndNamesTheRemedy() throws Exception {
        machine.refuses = "nft -f -";
        var error = assertThrows(RuleException.class, () -> interceptor.apply(Cases.plan("transparent"), "nft", out));
        assertTrue(error.getMessage().contains("run it as root"), error.getMessage());
        assertEquals(Set.of(), machine.routing);
        assertNull(interceptor.installed());
    }

    @Test
    void aRefusalPutsTheEarlierRulesBack() throws Exception {
        interceptor.apply(Cases.plan("page"), "nft", out);
        String earlier = machine.table;
        machine.refuses = "ip -4 route add";
        assertThrows(RuleException.class, () -> interceptor.apply(Cases.plan("transparent"), "nft", out));
        machine.refuses = "never";
        assertEquals(earlier, machine.table);
        assertEquals(Set.of(), machine.routing);
        assertEquals(0, interceptor.verify(out));
    }

    @Test
    void otherSettingsTakeTheirRoutingAway() throws Exception {
        interceptor.apply(Cases.plan("transparent"), "nft", out);
        assertEquals(2, machine.routing.size());
        interceptor.apply(Cases.plan("page"), "nft", out);
        assertEquals(Set.of(), machine.routing);
    }

    @Test
    void whatWasThereBeforeIsNotOursToRemove() throws Exception {
        machine.routing.add("-6 addr ::6/128 dev lo");
        interceptor.apply(Cases.plan("generated-dual"), "nft", out);
        interceptor.remove(out);
        assertEquals(Set.of("-6 addr ::6/128 dev lo"), machine.routing);
        assertEquals("", machine.table);
    }

    @Test
    void aKilledApplyIsCleanedUpAfter() throws Exception {
        machine.refuses = "nft -s list";
        assertThrows(RuleException.class, () -> interceptor.apply(Cases.plan("transparent"), "nft", out));
        machine.refuses = "never";
        assertFalse(machine.routing.isEmpty());
        assertNull(interceptor.installed());
        new Interceptor(machine, state).remove(out);
        assertEquals(Set.of(), machine.routing);
        assertEquals("", machine.table);
    }

    @Test
    void aChangeInTheKernelIsShown() throws Exception {
        interceptor.apply(Cases.plan("page"), "nft", out);
        machine.table = machine.table.replace("redirect to :15001", "accept");
        assertEquals(1, interceptor.verify(out));
        assertTrue(said.toString(StandardCharsets.UTF_8).lines().anyMatch(line -> line.startsWith("+ ") && line.contains("accept")));
        interceptor.apply(Cases.plan("page"), "nft", out);
        assertEquals(0, interceptor.verify(out));
    }

    @Test
    void diffShowsWhatApplyWouldChange() throws Exception {
        interceptor.apply(Cases.plan("page"), "nft", out);
        assertEquals(0, interceptor.diff(Cases.plan("page"), "nft", out));
        said.reset();
        assertEquals(1, interceptor.diff(Cases.plan("generated"), "nft", out));
        assertTrue(said.toString(StandardCharsets.UTF_8).lines().allMatch(line -> line.startsWith("+ ") || line.startsWith("- ")));
    }

    @Test
    void withoutAnyToolTheRemedyIsNamed() {
        machine.tools = Set.of();
        var error = assertThrows(RuleException.class, () -> interceptor.apply(Cases.plan("page"), "auto", out));
        assertTrue(error.getMessage().contains("apt-get install nftables"), error.getMessage());
    }

    @Test
    void unconfirmedIsPutBack() throws Exception {
        interceptor.apply(Cases.plan("page"), "nft", out);
        String earlier = machine.table;
        InterceptionPlan next = Cases.plan("generated");
        int status = new DeadManSwitch(interceptor, state).guard(() -> interceptor.apply(next, "nft", out), Duration.ZERO, out);
        assertEquals(1, status);
        assertEquals(earlier, machine.table);
    }

    @Test
    void confirmedStays() throws Exception {
        var guard = new DeadManSwitch(interceptor, state);
        InterceptionPlan next = Cases.plan("generated");
        int status = guard.guard(() -> {
            int applied = interceptor.apply(next, "nft", out);
            guard.confirm();
            return applied;
        }, Duration.ofMinutes(1), out);
        assertEquals(0, status);
        assertNotNull(interceptor.installed());
        assertFalse(Files.exists(state.resolve("confirmed")));
    }

    @Test
    void aDamagedRecordSaysWhatToDo() throws Exception {
        Files.writeString(state.resolve("interception"), "rules=\\u00zz");
        var error = assertThrows(RuleException.class, interceptor::installed);
        assertTrue(error.getMessage().contains("delete it and apply again"), error.getMessage());
    }

    @Test
    void theRecordIsForItsOwnerAlone() throws Exception {
        interceptor.apply(Cases.plan("page"), "nft", out);
        assertEquals("rwx--x--x", PosixFilePermissions.toString(Files.getPosixFilePermissions(state)), "the sidecar sees by which tool rules are installed, and changes nothing");
    }

    @Test
    void differencesAreInOrder() {
        assertEquals(List.of("- b", "+ x", "+ d"), TextDiff.of(List.of("a", "b", "c"), List.of("a", "x", "c", "d")));
        assertEquals(List.of(), TextDiff.of(List.of("a"), List.of("a")));
    }
}
