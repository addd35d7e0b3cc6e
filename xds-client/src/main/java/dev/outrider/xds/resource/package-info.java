/**
 * From xDS messages to the mesh model: every validation and every rejection.
 *
 * <p>One parser per resource type, each pure and never throwing: the answer is a value with the names of what it ignored, or the
 * reasons why there is none. An extension that is not built is ignored when it can only observe; one that can gate, change or route
 * a request makes its listener or cluster be rejected by name.
 */
@NullMarked
package dev.outrider.xds.resource;

import org.jspecify.annotations.NullMarked;
