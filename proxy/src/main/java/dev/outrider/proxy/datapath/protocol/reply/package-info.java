/** Part of stage 5: answers that no upstream has given, in Envoy's words and by the listener's {@code local_reply_config}. Any loop. */
@NullMarked
package dev.outrider.proxy.datapath.protocol.reply;

import org.jspecify.annotations.NullMarked;
