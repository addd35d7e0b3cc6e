@NullMarked
package dev.outrider.proxy.identity.ca;

import org.jspecify.annotations.NullMarked;
