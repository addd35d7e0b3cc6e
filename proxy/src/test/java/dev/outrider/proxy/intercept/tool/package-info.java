@NullMarked
package dev.outrider.proxy.intercept.tool;

import org.jspecify.annotations.NullMarked;
