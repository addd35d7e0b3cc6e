/** {@code outrider doctor}: what is wrong with this machine's place in the mesh, and what to do about it. Reads only. */
@NullMarked
package dev.outrider.proxy.doctor;

import org.jspecify.annotations.NullMarked;
