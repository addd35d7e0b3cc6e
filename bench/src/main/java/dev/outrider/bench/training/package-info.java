/**
 * {@code outrider bench train}: the training run of the AOT cache. One plain process of the product is recorded; everything that it talks to
 * (control plane, CA, services, callers) runs elsewhere, so that the cache holds what a sidecar runs and nothing else, with the profiles of a
 * path under load. {@code outrider bench store} readies the jars for it, since a cache is valid for the very files that it was recorded with.
 */
@NullMarked
package dev.outrider.bench.training;

import org.jspecify.annotations.NullMarked;
