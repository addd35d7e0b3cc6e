/** What names and identity count, under Envoy's and Istio's names. Registered once, read at each scrape. */
@NullMarked
package dev.outrider.proxy.app.sidecar.stats;

import org.jspecify.annotations.NullMarked;
