/**
 * What the operator's files say of this machine: {@code cluster.env}, {@code sidecar.env}, {@code mesh.yaml} and {@code /etc/certs} as Istio's
 * VM guides place them, read as data and turned into a bootstrap. Runs once, at start, off the loops.
 */
@NullMarked
package dev.outrider.proxy.machine;

import org.jspecify.annotations.NullMarked;
