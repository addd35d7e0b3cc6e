package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.admin.state.AdminActions;
import dev.outrider.proxy.telemetry.accesslog.LogSinks;

/** What administration pages may set off. Any thread. */
record SidecarActions(DrainController drain, LogSinks logs) implements AdminActions {

    @Override
    public void drainListeners(boolean graceful, boolean inboundOnly) {
        drain.drainListeners(graceful, inboundOnly);
    }

    @Override
    public void failHealthCheck(boolean fail) {
        drain.failHealthCheck(fail);
    }

    @Override
    public void reopenLogs() {
        logs.reopen();
    }

    @Override
    public void quit() {
        drain.exit();
    }
}
