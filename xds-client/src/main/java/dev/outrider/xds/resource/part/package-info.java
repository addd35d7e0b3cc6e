/** What several resources are made of: the place in a message, field types, extensions, matchers, policies, access logs. */
@NullMarked
package dev.outrider.xds.resource.part;

import org.jspecify.annotations.NullMarked;
