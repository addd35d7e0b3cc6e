/** Pages about configuration: what was received, what is in use, what is waited for. */
@NullMarked
package dev.outrider.proxy.admin.config;

import org.jspecify.annotations.NullMarked;
