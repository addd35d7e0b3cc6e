/**
 * The data path's assembly. The stages are the packages below, in the order in which a connection passes them: explicit (of
 * clients that name their target themselves), listener, origdst, filterchain, tls, protocol, filter, route, cluster, endpoint, upstream, relay.
 */
@NullMarked
package dev.outrider.proxy.datapath;

import org.jspecify.annotations.NullMarked;
