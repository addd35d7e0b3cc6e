package dev.outrider.proxy.probe;

import java.io.IOException;
import java.time.Duration;

/** Healthy when the port accepts a connection. */
record TcpCheck(ProbeTarget target, Duration timeout) implements Check {

    @Override
    public void run() throws IOException {
        target.connect(Deadline.in(timeout)).close();
    }
}
