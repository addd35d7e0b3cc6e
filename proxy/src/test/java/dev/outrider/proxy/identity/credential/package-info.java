@NullMarked
package dev.outrider.proxy.identity.credential;

import org.jspecify.annotations.NullMarked;
