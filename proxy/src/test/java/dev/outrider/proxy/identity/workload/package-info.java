@NullMarked
package dev.outrider.proxy.identity.workload;

import org.jspecify.annotations.NullMarked;
