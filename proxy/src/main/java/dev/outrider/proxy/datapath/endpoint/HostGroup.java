package dev.outrider.proxy.datapath.endpoint;

import dev.outrider.xds.model.ClusterLoadAssignment.Locality;
import java.util.List;

/** Hosts of one locality at one priority. Weight 0 = unset. Immutable apart from the hosts' own state. */
public record HostGroup(Locality locality, int priority, long weight, List<Host> hosts) {}
