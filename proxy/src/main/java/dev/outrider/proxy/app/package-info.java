/** The process: command line, the order in which its parts start, and how it ends. */
@NullMarked
package dev.outrider.proxy.app;

import org.jspecify.annotations.NullMarked;
