/** Logs in files, for operators who look for them where Istio's agent has them. */
@NullMarked
package dev.outrider.proxy.app.log;

import org.jspecify.annotations.NullMarked;
