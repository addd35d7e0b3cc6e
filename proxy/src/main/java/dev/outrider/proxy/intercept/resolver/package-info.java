/**
 * How the programs of this machine come to ask the DNS shim: by packet rules, by systemd-resolved or by resolv.conf. One adapter each, all of them
 * repeatable, undone exactly, and safe to kill at any point. Runs as root in short-lived commands.
 */
@NullMarked
package dev.outrider.proxy.intercept.resolver;

import org.jspecify.annotations.NullMarked;
