/**
 * Access logs: format strings compiled once into arrays of operators, filters, and sinks that write off the event loops. A log line is made
 * on the loop of its stream, handed over through a bounded queue and written by one thread; what does not fit is dropped and counted.
 */
@NullMarked
package dev.outrider.proxy.telemetry.accesslog;

import org.jspecify.annotations.NullMarked;
