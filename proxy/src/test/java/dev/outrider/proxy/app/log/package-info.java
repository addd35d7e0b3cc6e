/** Tests of logs in files. */
@NullMarked
package dev.outrider.proxy.app.log;

import org.jspecify.annotations.NullMarked;
