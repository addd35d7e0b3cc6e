/**
 * Stage 7. Before: a request's head passed the filters that come before routing. After: its route is known. Hands over: {@code
 * RouteDecision}, a pure value made when the table was compiled. Runs on: any data loop; tables are immutable.
 */
@NullMarked
package dev.outrider.proxy.datapath.route;

import org.jspecify.annotations.NullMarked;
