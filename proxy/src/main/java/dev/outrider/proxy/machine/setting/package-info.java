/**
 * What an operator can set, from whichever file he says it in: one catalog of settings, one order of precedence, and for each value the file and
 * line that it came from.
 */
@NullMarked
package dev.outrider.proxy.machine.setting;

import org.jspecify.annotations.NullMarked;
