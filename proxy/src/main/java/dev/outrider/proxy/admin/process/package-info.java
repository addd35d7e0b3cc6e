/** Pages about the process: state, readiness, memory, runtime, logging, and the commands that end or drain it. */
@NullMarked
package dev.outrider.proxy.admin.process;

import org.jspecify.annotations.NullMarked;
