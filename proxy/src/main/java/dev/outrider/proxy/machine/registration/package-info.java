/** Kubernetes objects that tell a mesh of a service on this machine, for an operator who registers it by hand. */
@NullMarked
package dev.outrider.proxy.machine.registration;

import org.jspecify.annotations.NullMarked;
