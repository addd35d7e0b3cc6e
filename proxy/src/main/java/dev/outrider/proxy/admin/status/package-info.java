/** {@code /status}: how the process is, on one screen. */
@NullMarked
package dev.outrider.proxy.admin.status;

import org.jspecify.annotations.NullMarked;
