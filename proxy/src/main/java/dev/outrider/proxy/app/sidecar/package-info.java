/** One running sidecar: its parts put together in start order, how it drains, what its administration pages read. Knows no command line. */
@NullMarked
package dev.outrider.proxy.app.sidecar;

import org.jspecify.annotations.NullMarked;
