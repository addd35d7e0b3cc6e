/** {@code outrider join} and {@code outrider leave}: an operator's bundle becomes this machine's configuration, and is undone again. */
@NullMarked
package dev.outrider.proxy.join;

import org.jspecify.annotations.NullMarked;
