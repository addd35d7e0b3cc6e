/** The program: command line, start order and what belongs to a run rather than to a connection. May see everything; nothing sees it. */
@NullMarked
package dev.outrider.proxy.app;

import org.jspecify.annotations.NullMarked;
