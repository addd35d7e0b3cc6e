/**
 * The administration endpoint: an HTTP server on a loop of its own and one class per page. Pages read through {@link
 * dev.outrider.proxy.admin.state.AdminState} and change nothing but through {@link dev.outrider.proxy.admin.state.AdminActions}.
 */
@NullMarked
package dev.outrider.proxy.admin;

import org.jspecify.annotations.NullMarked;
