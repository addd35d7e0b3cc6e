/** The UDP and TCP fronts that turn packets into questions and carry replies back. */
@NullMarked
package dev.outrider.dns.server;

import org.jspecify.annotations.NullMarked;
