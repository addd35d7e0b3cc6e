@NullMarked
package dev.outrider.proxy.identity.files;

import org.jspecify.annotations.NullMarked;
