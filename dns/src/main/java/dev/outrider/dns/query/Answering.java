package dev.outrider.dns.query;

import java.util.List;

/**
 * How questions are answered.
 *
 * @param ttlSeconds of records from the table
 * @param negativeTtlSeconds of what does not exist here, 1 to 5: whoever polls for a new service must not wait long
 * @param meshRanges service addresses, into which no public name should resolve
 * @param dropRebinding whether a public name that does so is refused rather than counted
 * @param maxWaitingPerPeer questions of one address that wait for resolvers
 * @param maxWaiting of all
 */
public record Answering(
        int ttlSeconds, int negativeTtlSeconds, List<Cidr> meshRanges, boolean dropRebinding, int maxWaitingPerPeer, int maxWaiting) {}
