package dev.outrider.proxy.datapath.endpoint;

import org.jspecify.annotations.Nullable;

/** Picks one of a fixed, non-empty list of hosts. Any loop, no locks. {@code hash} is of the hash policies, null = none. */
interface HostPicker {

    Host pick(@Nullable Long hash);
}
