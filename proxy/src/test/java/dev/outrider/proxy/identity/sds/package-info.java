@NullMarked
package dev.outrider.proxy.identity.sds;

import org.jspecify.annotations.NullMarked;
