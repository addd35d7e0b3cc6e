package dev.outrider.xds.model.source;

import org.jspecify.annotations.Nullable;

/**
 * A resource that another one needs: endpoints of a cluster, routes of a listener, a secret of either. Immutable.
 *
 * @param source null = it is in the bootstrap
 */
public record ResourceRef(String name, @Nullable ConfigSource source) {}
