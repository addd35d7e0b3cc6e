/** Keys and certificates on disk: read as a pair, noticed when they change, written so that no crash and no reader sees half of them. Identity thread. */
@NullMarked
package dev.outrider.proxy.identity.files;

import org.jspecify.annotations.NullMarked;
