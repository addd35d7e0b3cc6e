package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.Pem;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.proxy.identity.credential.FileToken;
import dev.outrider.proxy.identity.files.CertificateFolder;
import dev.outrider.proxy.identity.files.FileModes;
import dev.outrider.xds.model.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class IdentityKeeperTest {

    private static final Duration DAY = Duration.ofHours(24);

    private static final FileModes MODES = new FileModes(List.of(), true);

    private final HandClock clock = new HandClock();
    private final ScriptedCa ca = new ScriptedCa();
    private final List<IdentityState> states = new ArrayList<>();

    @TempDir
    private Path root;
    private CertificateFolder folder = new CertificateFolder(Path.of(""));
    private Path token = Path.of("");

    @BeforeEach
    void places() throws Exception {
        folder = new CertificateFolder(Files.createDirectory(root.resolve("certs")));
        token = root.resolve("istio-token");
        Files.writeString(folder.roots(), ca.authority.rootPem());
    }

    private IdentityKeeper keeper(boolean asks, @Nullable CertificateFolder output) {
        IdentitySettings settings = new IdentitySettings(folder, folder.roots(), null, null, new FileToken(List.of(token), MODES), null, output, null, MODES, 0.5, 0);
        IdentityKeeper keeper = new IdentityKeeper(settings, new IdentityKeeper.Parts(
                asks ? ca : null, new RenewalSchedule(0.5, 0, () -> 0), clock), states::add);
        keeper.start();
        return keeper;
    }

    private IdentityState state() {
        return states.getLast();
    }

    private WorkloadCertificate certificate() {
        WorkloadCertificate own = state().certificate();
        assertNotNull(own, () -> state().toString());
        return own;
    }

    /** Twice: a change counts once it rests for one look. */
    private static void look(IdentityKeeper keeper) {
        keeper.tick();
        keeper.tick();
    }

    private static String jwt(Instant expires) {
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(("{\"sub\":\"x\",\"exp\":" + expires.getEpochSecond() + "}").getBytes(StandardCharsets.UTF_8)) + ".c2ln";
    }

    @Test
    void aTokenBecomesACertificateThatIsRenewedAtHalfOfItsLife() throws Exception {
        Files.writeString(token, "first\n");
        IdentityKeeper keeper = keeper(true, null);
        keeper.tick();
        assertEquals("first", ca.requests.getFirst().token());
        Secret.Certificate first = ca.sign(DAY);
        assertEquals(first, certificate().pem());
        assertEquals(ScriptedCa.ID, certificate().id());
        clock.move(Duration.ofHours(11).plusMinutes(59));
        keeper.tick();
        assertEquals(1, ca.requests.size());
        clock.move(Duration.ofMinutes(2));
        keeper.tick();
        assertEquals(first, ca.requests.get(1).certificate());
        assertEquals(first, certificate().pem(), "the old one serves until the new one is there");
        Secret.Certificate second = ca.sign(DAY.multipliedBy(2));
        assertEquals(second, certificate().pem());
        assertEquals(2, state().counts().requests());
    }

    @Test
    void failuresAreRetriedFromHalfASecondToTwoAndAHalfMinutesWhileTheOldCertificateServesToItsLastSecond() throws Exception {
        Files.writeString(token, "t");
        IdentityKeeper keeper = keeper(true, null);
        keeper.tick();
        Secret.Certificate first = ca.sign(DAY);
        clock.set(certificate().notAfter().minus(Duration.ofHours(6)));
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            keeper.tick();
            ca.refuse("it is away");
            Instant next = state().nextAttempt();
            assertNotNull(next);
            delays.add(Duration.between(clock.instant(), next).toMillis());
            clock.set(next);
        }
        assertEquals(List.of(500L, 1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 32_000L, 64_000L, 128_000L, 150_000L, 150_000L), delays);
        clock.set(certificate().notAfter().minusSeconds(1));
        assertTrue(state().serves(clock.instant()));
        assertEquals(first, certificate().pem());
        assertTrue(state().reasons(clock.instant()).getFirst().contains("not renewed: "), state().reasons(clock.instant()).toString());
        clock.move(Duration.ofSeconds(1));
        assertFalse(state().serves(clock.instant()));
        assertTrue(state().reasons(clock.instant()).getFirst().contains("expired at " + certificate().notAfter()));
        assertTrue(state().secondsLeft(clock.instant()) <= 0);
    }

    @Test
    void anExpiredTokenIsNotShownWhileTheCertificateSpeaksForItself() throws Exception {
        Files.writeString(token, jwt(clock.instant().plusSeconds(60)));
        IdentityKeeper keeper = keeper(true, null);
        keeper.tick();
        ca.sign(DAY);
        clock.move(Duration.ofHours(13));
        keeper.tick();
        assertNull(ca.requests.get(1).token());
        assertNotNull(ca.requests.get(1).certificate());
        ca.sign(DAY.multipliedBy(2));
        assertEquals("", state().problem());
    }

    @Test
    void withoutATokenOrACertificateTheOperatorIsToldWhereToPutOneAndItIsTakenAtOnce() throws Exception {
        IdentityKeeper keeper = keeper(true, null);
        keeper.tick();
        assertTrue(ca.requests.isEmpty());
        assertTrue(state().problem().contains("put a token at " + token), state().problem());
        clock.move(Duration.ofMillis(1));
        Files.writeString(token, "here");
        look(keeper);
        assertEquals("here", ca.requests.getFirst().token());
    }

    @Test
    void operatorsFilesServeAndABrokenNewOneIsRefusedWithALine() throws Exception {
        Secret.Certificate first = ca.authority.leaf(DAY, ScriptedCa.ID);
        folder.write(first, ca.authority.rootPem());
        IdentityKeeper keeper = keeper(false, null);
        assertEquals(first, certificate().pem());
        Secret.Certificate second = ca.authority.leaf(DAY, ScriptedCa.ID);
        Files.write(folder.chain(), second.chainPem().toArray());
        look(keeper);
        assertEquals(first, certificate().pem());
        assertEquals("", state().problem(), "the operator may still be copying");
        clock.move(Duration.ofSeconds(6));
        keeper.tick();
        assertTrue(state().problem().contains("does not belong to the certificate"), state().problem());
        Files.write(folder.key(), second.keyPem().toArray());
        look(keeper);
        assertEquals(second, certificate().pem());
        assertEquals("", state().problem());
    }

    @Test
    void anExpiredNewFileDoesNotReplaceAValidOne() throws Exception {
        Secret.Certificate first = ca.authority.leaf(DAY, ScriptedCa.ID);
        folder.write(first, ca.authority.rootPem());
        IdentityKeeper keeper = keeper(false, null);
        folder.write(ca.authority.leaf(Duration.ofHours(-1), ScriptedCa.ID), ca.authority.rootPem());
        look(keeper);
        assertEquals(first, certificate().pem());
    }

    @Test
    void aSwappedSymbolicLinkIsNoticedEachTime() throws Exception {
        Path data = root.resolve("..data");
        List<Secret.Certificate> versions = List.of(
                ca.authority.leaf(DAY, ScriptedCa.ID), ca.authority.leaf(DAY, ScriptedCa.ID), ca.authority.leaf(DAY, ScriptedCa.ID));
        for (int i = 0; i < 3; i++) {
            new CertificateFolder(Files.createDirectory(root.resolve("v" + i))).write(versions.get(i), ca.authority.rootPem());
        }
        Files.createSymbolicLink(data, root.resolve("v0"));
        folder = new CertificateFolder(Files.createDirectory(root.resolve("mounted")));
        for (String name : List.of("key.pem", "cert-chain.pem", "root-cert.pem")) {
            Files.createSymbolicLink(folder.directory().resolve(name), data.resolve(name));
        }
        IdentityKeeper keeper = keeper(false, null);
        for (int i = 1; i < 3; i++) {
            Path next = Files.createSymbolicLink(root.resolve("..next"), root.resolve("v" + i));
            Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
            look(keeper);
            assertEquals(versions.get(i), certificate().pem(), "swap " + i);
        }
    }

    @Test
    void pagesFilesAreRenewedByTheirOwnCertificateAndWrittenBackForThisUserAlone() throws Exception {
        folder.write(ca.authority.leaf(DAY, ScriptedCa.ID), ca.authority.rootPem());
        IdentityKeeper keeper = keeper(true, folder);
        clock.set(certificate().notAfter().minus(Duration.ofHours(1)));
        keeper.tick();
        Secret.Certificate next = ca.sign(DAY.multipliedBy(2));
        for (Path file : List.of(folder.key(), folder.chain())) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), file.toString());
        }
        assertEquals(next, folder.read());
        int published = states.size();
        look(keeper);
        assertEquals(published, states.size(), "what was written here is no news");
        states.clear();
        keeper(false, null);
        assertEquals(next, certificate().pem(), "a restart needs neither token nor CA");
    }

    @Test
    void anOutputThatCannotBeWrittenDoesNotKeepTheCertificateFromServing() throws Exception {
        Files.writeString(token, "t");
        IdentityKeeper keeper = keeper(true, new CertificateFolder(root.resolve("not-there")));
        keeper.tick();
        assertEquals(ca.sign(DAY), certificate().pem());
    }

    @Test
    void aNewRootIsTrustedBesideTheOldOneForOneLife() throws Exception {
        Files.delete(folder.roots());
        Files.writeString(token, "t");
        IdentityKeeper keeper = keeper(true, null);
        keeper.tick();
        ca.sign(DAY);
        String former = ca.authority.rootPem();
        assertEquals(former, trusted());
        ca.authority = new TestCertificates();
        clock.move(Duration.ofHours(12));
        keeper.tick();
        ca.sign(DAY.multipliedBy(2));
        assertEquals(ca.authority.rootPem() + former, trusted());
        clock.move(DAY.multipliedBy(5));
        keeper.tick();
        assertEquals(ca.authority.rootPem(), trusted());
    }

    @Test
    void rootsOnDiskAreTrustedTogetherWithTheCas() throws Exception {
        TestCertificates other = new TestCertificates();
        Files.writeString(token, "t");
        IdentityKeeper keeper = keeper(true, null);
        keeper.tick();
        ca.sign(DAY);
        Files.writeString(folder.roots(), ca.authority.rootPem() + other.rootPem());
        look(keeper);
        assertEquals(2, Pem.certificates(trusted().getBytes(StandardCharsets.US_ASCII)).size());
        Files.writeString(folder.roots(), "junk");
        look(keeper);
        assertEquals(2, Pem.certificates(trusted().getBytes(StandardCharsets.US_ASCII)).size(), "broken roots are refused");
    }

    private String trusted() {
        Secret.Validation trust = state().trust();
        return trust == null ? "" : trust.trustedCaPem().toUtf8();
    }

    @Test
    void aClockThatIsSetBackDoesNotPutRenewalOutOfReach() throws Exception {
        Files.writeString(token, "t");
        IdentityKeeper keeper = keeper(true, null);
        keeper.tick();
        ca.sign(DAY);
        clock.move(Duration.ofDays(-30));
        keeper.tick();
        assertEquals(2, ca.requests.size());
    }

    @Test
    void aMachineThatSleptRenewsAtTheFirstLook() throws Exception {
        Files.writeString(token, "t");
        IdentityKeeper keeper = keeper(true, null);
        keeper.tick();
        ca.sign(DAY);
        clock.move(Duration.ofHours(20));
        keeper.tick();
        assertEquals(2, ca.requests.size());
    }

    @Test
    void aCrashBetweenTheTwoRenamesLosesNothing() throws Exception {
        Secret.Certificate before = ca.authority.leaf(DAY, ScriptedCa.ID);
        Secret.Certificate after = ca.authority.leaf(DAY, ScriptedCa.ID);
        folder.write(before, ca.authority.rootPem());
        Files.write(folder.directory().resolve("cert-chain.pem.next"), after.chainPem().toArray());
        assertEquals(before, folder.read(), "before the first rename");
        Files.write(folder.key(), after.keyPem().toArray());
        assertEquals(after, folder.read(), "after it");
    }
}
