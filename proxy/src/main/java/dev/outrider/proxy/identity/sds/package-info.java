/**
 * The mesh identity for other programs of this machine: Envoy's secret discovery service on a Unix socket, as Istio's agent has it. Whoever may open the
 * socket gets the private key, so it is this user's (and one group's) alone. Runs on the loops it is given, never data loops.
 */
@NullMarked
package dev.outrider.proxy.identity.sds;

import org.jspecify.annotations.NullMarked;
