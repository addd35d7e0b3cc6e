/** The pages that clients and exclude lists of Istio expect of a sidecar's agent: ports 15020, 15021 and 15090. */
@NullMarked
package dev.outrider.proxy.admin.agent;

import org.jspecify.annotations.NullMarked;
