/** What proves to a CA or a control plane who this machine is, besides its certificate. Read anew at each use; identity thread. */
@NullMarked
package dev.outrider.proxy.identity.credential;

import org.jspecify.annotations.NullMarked;
