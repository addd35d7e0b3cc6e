/**
 * Verbs that ask the running sidecar and print what it says. They start in the time of a small program: nothing here, and nothing that it uses, is of Netty, gRPC
 * or protobuf, and the launcher gives these verbs a class path of their own.
 */
@NullMarked
package dev.outrider.proxy.client;

import org.jspecify.annotations.NullMarked;
