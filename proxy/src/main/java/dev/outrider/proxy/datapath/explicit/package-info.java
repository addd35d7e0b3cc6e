/**
 * The explicit port, for machines without interception: a client names its target by SOCKS5 or HTTP CONNECT, and its connection then takes the way
 * that a captured one takes, from the outbound listener on. Or it calls a service at the loopback address that stands for it here.
 */
@NullMarked
package dev.outrider.proxy.datapath.explicit;

import org.jspecify.annotations.NullMarked;
