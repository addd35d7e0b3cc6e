/**
 * The mesh as data: immutable records in Envoy's and Istio's terms, parsed from xDS or from a bootstrap file.
 *
 * <p>Nothing here knows protobuf, gRPC or Netty. Equal content means {@code equals}, so that an update that changes nothing is
 * recognised as such. Durations are {@code long} nanoseconds, {@code 0} where the field's own "0 means off" applies; a negative
 * duration never occurs. Counts that are {@code uint32} on the wire are {@code long}.
 */
@NullMarked
package dev.outrider.xds.model;

import org.jspecify.annotations.NullMarked;
