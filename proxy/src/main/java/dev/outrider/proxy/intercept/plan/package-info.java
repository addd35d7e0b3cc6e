/** What is to be captured and what never: the operator's settings and this machine's facts, as one typed and checked plan. Pure but for the facts. */
@NullMarked
package dev.outrider.proxy.intercept.plan;

import org.jspecify.annotations.NullMarked;
