/** Child processes of a run: started pinned to a processor, accounted for by the kernel's figures, ended by their own pid. */
@NullMarked
package dev.outrider.bench.process;

import org.jspecify.annotations.NullMarked;
