package dev.outrider.proxy.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.util.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who may see whom, in all modules. The stage list is stated here once more on purpose: moving a stage is a decision, not a refactoring. */
class DependencyRulesTest {
    private static final String DATAPATH = "dev.outrider.proxy.datapath";

    /** The order in which a connection passes through the stages: each sees only what comes after it, and the bottom. */
    private static final List<String> STAGES = List.of(
            "explicit", "listener", "origdst", "filterchain", "tls", "protocol", "filter", "route", "cluster", "endpoint", "upstream", "relay");

    /** Small shared values and codecs: they know no stage. */
    private static final List<String> BOTTOM = List.of(
            "dev.outrider.proxy.connection..",
            "dev.outrider.proxy.failure..",
            "dev.outrider.proxy.identity..",
            "dev.outrider.proxy.telemetry..",
            "dev.outrider.proxy.http..",
            "dev.outrider.proxy.http1..",
            "dev.outrider.proxy.http2..",
            "dev.outrider.xds.model..");

    private static JavaClasses outrider;

    @BeforeAll
    static void read() {
        outrider = new ClassFileImporter()
                .withImportOption(location -> !location.contains("/test-classes/") && !location.contains("/qt/"))
                .importPackages("dev.outrider");
        assertTrue(outrider.size() > 20, "no classes found: the rules below would hold of nothing");
    }

    @Test
    void everyPackageOfTheDataPathIsAStage() {
        var found = new TreeSet<String>();
        for (JavaClass type : outrider) {
            String name = type.getPackageName();
            if (name.startsWith(DATAPATH + ".")) {
                found.add(name.substring(DATAPATH.length() + 1).split("\\.")[0]);
            }
        }
        found.removeAll(STAGES);
        assertEquals(new TreeSet<String>(), found, "packages below datapath that are no stage");
    }

    @Test
    void aStageSeesLaterStagesAndTheBottomOnly() {
        for (int i = 0; i < STAGES.size(); i++) {
            var allowed = new ArrayList<>(BOTTOM);
            for (String stage : STAGES.subList(i, STAGES.size())) {
                allowed.add(DATAPATH + "." + stage + "..");
            }
            check(classes().that().resideInAPackage(DATAPATH + "." + STAGES.get(i) + "..")
                    .should().onlyDependOnClassesThat(resideOutsideOfPackage("dev.outrider..").or(resideInAnyPackage(allowed.toArray(String[]::new))))
                    .as("stage " + (i + 1) + " (" + STAGES.get(i) + ") sees later stages and the bottom only"));
        }
    }

    @Test
    void theBottomKnowsNoStage() {
        check(noClasses().that().resideInAnyPackage(BOTTOM.toArray(String[]::new))
                .should().dependOnClassesThat().resideInAnyPackage(DATAPATH + "..", "dev.outrider.proxy.app..", "dev.outrider.proxy.admin..", "dev.outrider.proxy.intercept.."));
    }

    @Test
    void theDataPathKnowsNeitherItsSurroundingsNorTheWireFormatOfTheControlPlane() {
        check(noClasses().that().resideInAPackage(DATAPATH + "..")
                .should().dependOnClassesThat().resideInAnyPackage(
                        "dev.outrider.proxy.app..", "dev.outrider.proxy.admin..", "dev.outrider.proxy.intercept..", "io.grpc..", "com.google.protobuf..", "io.envoyproxy.."));
    }

    @Test
    void grpcStaysWithTheControlPlaneTheCertificateAuthorityAndHealth() {
        check(noClasses().that(resideOutsideOfPackage("dev.outrider.proxy.app..")
                        .and(resideOutsideOfPackage("dev.outrider.proxy.demo.."))
                        .and(resideOutsideOfPackage("dev.outrider.proxy.identity..")).and(resideOutsideOfPackage("dev.outrider.proxy.probe..")).and(resideOutsideOfPackage("dev.outrider.xds.ads..")).and(resideOutsideOfPackage("dev.outrider.bench..")))
                .should().dependOnClassesThat().resideInAPackage("io.grpc.."));
    }

    @Test
    void envoysMessagesEndWhereTheyAreParsed() {
        check(noClasses().that(resideOutsideOfPackage("dev.outrider.proxy.app..")
                        .and(resideOutsideOfPackage("dev.outrider.proxy.demo.."))
                        .and(resideOutsideOfPackage("dev.outrider.bench.."))
                        // The secret discovery service speaks Envoy's messages.
                        .and(resideOutsideOfPackage("dev.outrider.proxy.identity.sds.."))
                        .and(resideOutsideOfPackages("dev.outrider.xds.resource..", "dev.outrider.xds.bootstrap..", "dev.outrider.xds.ads..")))
                .should().dependOnClassesThat().resideInAPackage("io.envoyproxy.."));
    }

    @Test
    void verbsThatOnlyAskStartLikeASmallProgram() {
        check(classes().that().resideInAPackage("dev.outrider.proxy.client..")
                .should().onlyDependOnClassesThat(resideInAnyPackage("java..", "picocli..", "org.jspecify..", "dev.outrider.proxy.client..")));
    }

    @Test
    void librariesDoNotKnowTheProxy() {
        check(noClasses().that().resideInAPackage("dev.outrider.xds..").should().dependOnClassesThat().resideInAnyPackage("dev.outrider.proxy..", "dev.outrider.dns..", "org.bouncycastle.."));
        check(noClasses().that().resideInAPackage("dev.outrider.dns..")
                .should().dependOnClassesThat().resideInAnyPackage("dev.outrider.proxy..", "dev.outrider.xds..", "io.grpc..", "com.google.protobuf..", "io.envoyproxy..", "javax.net.ssl.."));
    }

    @Test
    void packagesFormNoCycle() {
        check(slices().matching("dev.outrider.(**)").should().beFreeOfCycles());
    }

    @Test
    void nettyIsWholeAndRecent() {
        // 4.2.18 is the first release without the advisories that a proxy meets (HTTP/2 floods, request smuggling).
        Version.identify().forEach((artifact, version) -> {
            if (artifact.startsWith("netty-") && !artifact.startsWith("netty-tcnative")) {
                String[] part = version.artifactVersion().split("[.]");
                int number = Integer.parseInt(part[0]) * 1_000_000 + Integer.parseInt(part[1]) * 1_000 + Integer.parseInt(part[2]);
                assertTrue(number >= 4_002_018, artifact + " " + version.artifactVersion() + " is older than 4.2.18");
            }
        });
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        assertFalse(classPath.contains("netty-all-"), "netty-all is on the class path: name the parts that are used");
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(outrider);
    }
}
