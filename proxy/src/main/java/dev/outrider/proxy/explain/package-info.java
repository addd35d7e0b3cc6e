/**
 * One request or connection, followed through the running process without being sent: the name by DNS, the rules, the listener, the chain, the route, the cluster and
 * its endpoints, each by the code that would serve it. Never on a loop.
 */
@NullMarked
package dev.outrider.proxy.explain;

import org.jspecify.annotations.NullMarked;
