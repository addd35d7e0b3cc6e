/** What every administration page is made of: request, answer, JSON. Used on the admin loop. */
@NullMarked
package dev.outrider.proxy.admin.page;

import org.jspecify.annotations.NullMarked;
