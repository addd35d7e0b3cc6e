package dev.outrider.dns;

import dev.outrider.dns.forward.ResolverGroup;
import dev.outrider.dns.query.Cidr;
import dev.outrider.dns.query.Zone;
import dev.outrider.dns.query.ZoneMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The zones that follow from the settings, and the resolvers of each. What is configured comes before what RFC 6761 reserves. */
final class ZonePlan {

    private final ResolverGroup host = new ResolverGroup(".");
    private final List<ResolverGroup> routed = new ArrayList<>();
    private final ZoneMap zones;

    ZonePlan(DnsSettings settings) {
        List<Zone> list = new ArrayList<>();
        for (DnsSettings.Route route : settings.upstream().routes()) {
            ResolverGroup group = new ResolverGroup(plain(route.zone()));
            boolean unused = group.update(route.servers());
            routed.add(group);
            list.add(new Zone(group.name(), Zone.Rule.FORWARDED, group));
        }
        list.add(new Zone("svc." + plain(settings.mesh().clusterDomain()), Zone.Rule.OURS, host));
        for (String zone : settings.mesh().zones()) {
            list.add(new Zone(plain(zone), Zone.Rule.OURS, host));
        }
        for (String range : settings.mesh().serviceRanges()) {
            for (String zone : Cidr.of(range).reverseZones()) {
                list.add(new Zone(zone, Zone.Rule.OURS, host));
            }
        }
        list.add(new Zone("localhost", Zone.Rule.LOCALHOST, host));
        for (String reserved : List.of("onion", "invalid", "test")) {
            list.add(new Zone(reserved, Zone.Rule.RESERVED, host));
        }
        list.add(new Zone(".", Zone.Rule.FORWARDED, host));
        zones = new ZoneMap(list);
    }

    private static String plain(String zone) {
        String text = zone.startsWith("~") ? zone.substring(1) : zone;
        return (text.endsWith(".") ? text.substring(0, text.length() - 1) : text).toLowerCase(Locale.ROOT);
    }

    ZoneMap zones() {
        return zones;
    }

    /** Who answers for everything else. */
    ResolverGroup host() {
        return host;
    }

    List<ResolverGroup> routed() {
        return routed;
    }
}
