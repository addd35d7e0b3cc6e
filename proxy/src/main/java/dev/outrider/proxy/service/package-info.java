/** The process as a service of the operating system: readiness, watchdog, and the hand-over of sockets to the process that replaces it. */
@NullMarked
package dev.outrider.proxy.service;

import org.jspecify.annotations.NullMarked;
