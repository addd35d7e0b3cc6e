/**
 * Whether the service on this machine does what it is there for: looked at as Istio's agent does, past the sidecar's own ports, and told to the
 * control plane.
 */
@NullMarked
package dev.outrider.proxy.probe;

import org.jspecify.annotations.NullMarked;
