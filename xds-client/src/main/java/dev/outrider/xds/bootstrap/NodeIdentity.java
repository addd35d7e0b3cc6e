package dev.outrider.xds.bootstrap;

import dev.outrider.xds.model.Bytes;

/** Who this proxy says it is (envoy.config.core.v3.Node); {@code wire} is the whole message, with metadata and locality. */
public record NodeIdentity(String id, String cluster, Bytes wire) {}
