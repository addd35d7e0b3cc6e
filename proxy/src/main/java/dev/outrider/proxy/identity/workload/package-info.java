/**
 * This machine's identity in the mesh over time: loaded, asked for, renewed, watched, replaced, and whom it trusts. One thread, the identity thread,
 * owns it all; others read one immutable state.
 */
@NullMarked
package dev.outrider.proxy.identity.workload;

import org.jspecify.annotations.NullMarked;
