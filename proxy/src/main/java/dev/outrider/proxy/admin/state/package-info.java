/** What administration pages may know of the process and what they may ask of it: interfaces and records that the process fills in. */
@NullMarked
package dev.outrider.proxy.admin.state;

import org.jspecify.annotations.NullMarked;
