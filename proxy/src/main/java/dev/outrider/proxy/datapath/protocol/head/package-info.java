/**
 * Part of stage 5: what is done to a request's head before filters and routes see it, and small makers of field values. Pure decisions over
 * heads; any loop.
 */
@NullMarked
package dev.outrider.proxy.datapath.protocol.head;

import org.jspecify.annotations.NullMarked;
