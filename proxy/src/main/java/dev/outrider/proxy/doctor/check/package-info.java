/** One class for each thing that is looked at. Files are read below the root that the machine names, everything else is asked of the machine. */
@NullMarked
package dev.outrider.proxy.doctor.check;

import org.jspecify.annotations.NullMarked;
