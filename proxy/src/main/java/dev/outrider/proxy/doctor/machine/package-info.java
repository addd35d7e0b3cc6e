/** What the doctor looks at: the machine, and what its running sidecar says of itself. */
@NullMarked
package dev.outrider.proxy.doctor.machine;

import org.jspecify.annotations.NullMarked;
