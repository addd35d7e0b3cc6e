/**
 * Stage 8. Before: the cluster's name is known. After: its run-time state is at hand and has admitted the request. Hands over:
 * {@code ClusterState}. Runs on: any data loop; limits and statistics are shared, configuration changes come from the control loop.
 */
@NullMarked
package dev.outrider.proxy.datapath.cluster;

import org.jspecify.annotations.NullMarked;
