package dev.outrider.proxy.demo;

import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.demo.DemoSteps.Step;
import dev.outrider.proxy.demo.DemoSteps.StepFailed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider demo}: shows the main job, without root and without a cluster. */
@Command(mixinStandardHelpOptions = true, description = "A whole mesh on loopback addresses, with every step shown.")
public final class DemoCommand implements Callable<Integer> {

    @Option(names = "--once", description = "check every step and exit: 0, or 1 with the step that failed")
    private boolean once;

    @Option(names = "--json", description = "one JSON object per step")
    private boolean json;

    @Option(names = "--port-base", paramLabel = "N", description = "use ports N to N+6 instead of 15000, 15053, 9080, ...")
    private int portBase;

    @Override
    public Integer call() throws StartupException, InterruptedException {
        DemoPorts ports = DemoPorts.of(portBase);
        ports.requireFree();
        DemoReport report = new DemoReport(System.out, json);
        report.title("Outrider demo: a mesh on loopback addresses. Starting the control plane, sample services and two sidecars ...");
        DemoMesh mesh = new DemoMesh(ports);
        Thread closing = new Thread(mesh::close, "demo-close");
        Runtime.getRuntime().addShutdownHook(closing);
        String failed = run(new DemoSteps(mesh, ports).all(), report);
        if (!failed.isEmpty()) {
            System.err.println("outrider demo: step '" + failed + "' failed");
            System.exit(1);
        }
        if (once) {
            report.title("Every step passed.");
            // The sidecars' control loops would keep the process up; the hook closes the mesh.
            System.exit(0);
        }
        report.text(invitation(ports));
        report.facts("up", Map.of("admin", "http://127.0.0.1:" + ports.admin(), "cluster_admin", "http://127.0.0.1:" + ports.clusterAdmin()));
        new CountDownLatch(1).await();
        return 0;
    }

    /** Name of the step that failed, or "". */
    private static String run(List<Step> steps, DemoReport report) throws InterruptedException {
        for (Step step : steps) {
            try {
                report.passed(step.name(), step.title(), step.check().run());
            } catch (StepFailed e) {
                report.failed(step.name(), step.title(), String.valueOf(e.getMessage()));
                return step.name();
            } catch (IOException e) {
                report.failed(step.name(), step.title(), e.toString());
                return step.name();
            }
        }
        return "";
    }

    private static List<String> invitation(DemoPorts ports) {
        List<String> lines = new ArrayList<>();
        lines.add("");
        lines.add("The mesh stays up. Try, in another terminal:");
        lines.add("  dig -p " + ports.dns() + " @127.0.0.1 " + DemoService.PRODUCTPAGE.host() + " +short");
        for (DemoService service : List.of(DemoService.PRODUCTPAGE, DemoService.REVIEWS, DemoService.VMHTTP)) {
            String authority = service.host() + ":" + service.port(ports);
            lines.add("  curl -i --resolve " + authority + ":" + service.serviceAddress() + " http://" + authority + "/");
        }
        lines.add("  curl http://127.0.0.1:" + ports.admin() + "/config_dump        (the machine's sidecar)");
        lines.add("  curl http://127.0.0.1:" + ports.clusterAdmin() + "/clusters           (the cluster's)");
        lines.add("Ctrl-C ends it.");
        return lines;
    }
}
