/** Keeps the installed rules where they are while firewalls reload and administrators flush. */
@NullMarked
package dev.outrider.proxy.intercept.guard;

import org.jspecify.annotations.NullMarked;
