/** The last accepted configuration on disk, without private keys. */
@NullMarked
package dev.outrider.xds.store;

import org.jspecify.annotations.NullMarked;
