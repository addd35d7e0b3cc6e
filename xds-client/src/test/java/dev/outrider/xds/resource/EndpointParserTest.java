package dev.outrider.xds.resource;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.ClusterLoadAssignment.Group;
import dev.outrider.xds.model.ClusterLoadAssignment.Health;
import dev.outrider.xds.model.ClusterLoadAssignment.Locality;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

class EndpointParserTest {

    private static Parsed<ClusterLoadAssignment> parse(String json) {
        return EndpointParser.parse(
                Json.read(dev.outrider.xds.proto.envoy.config.endpoint.v3.ClusterLoadAssignment.getDefaultInstance(), json));
    }

    @Test
    void anAssignmentWithoutEndpointsIsNormal() {
        assertEquals(new ClusterLoadAssignment("c", List.of(), 140), parse("{'cluster_name':'c'}").get());
        assertEquals(
                List.of(new Group(new Locality("r", "", ""), 0, 0, List.of())),
                parse("{'cluster_name':'c','endpoints':[{'locality':{'region':'r'}}]}").get().groups());
    }

    @Test
    void oneLocalityMayHaveTwoPriorities() {
        var groups = parse("{'cluster_name':'c','endpoints':[{},{'priority':1,'load_balancing_weight':7}]}").get().groups();
        assertSame(Locality.NONE, groups.get(0).locality());
        assertEquals(1, groups.get(1).priority());
        assertEquals(7, groups.get(1).weight());
    }

    @Test
    void kindsOfAddresses() {
        var endpoints = parse("{'cluster_name':'c','endpoints':[{'lb_endpoints':["
                + "{'endpoint':{'address':{'pipe':{'path':'/s'}}},'health_status':'DRAINING'},"
                + "{'endpoint':{'address':{'envoy_internal_address':{'server_listener_name':'l','endpoint_id':'1.2.3.4:5'}}}},"
                + "{'endpoint':{'address':{'socket_address':{'address':'1::2','port_value':3}},'additional_addresses':["
                + "{'address':{'socket_address':{'address':'1.2.3.4','port_value':3}}}]},'load_balancing_weight':9}]}]}")
                .get().groups().get(0).endpoints();
        assertEquals(new Address.Pipe("/s"), endpoints.get(0).address());
        assertEquals(Health.DRAINING, endpoints.get(0).health());
        assertEquals(new Address.Internal("l", "1.2.3.4:5"), endpoints.get(1).address());
        assertEquals(1, endpoints.get(2).additional().size());
        assertEquals(9, endpoints.get(2).weight());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {}                                                          | cluster_name: is empty
            {'cluster_name':'c','endpoints':[{'priority':129}]}         | endpoints[0].priority: value 129 is outside 0..128
            {'cluster_name':'c','endpoints':[{'load_balancing_weight':0}]} | endpoints[0].load_balancing_weight: value 0 is outside 1..4294967295
            {'cluster_name':'c','endpoints':[{'leds_cluster_locality_config':{}}]} | endpoints[0].leds_cluster_locality_config: is not supported
            {'cluster_name':'c','policy':{'overprovisioning_factor':0}} | policy.overprovisioning_factor: value 0 is outside 1..2147483647
            {'cluster_name':'c','policy':{'drop_overloads':[{'category':'x'}]}} | policy.drop_overloads: is not supported
            """)
    void anAssignmentIsRefused(String json, String reason) {
        assertEquals(List.of(reason), parse(json).reasons());
    }

    @Test
    void neighboursShareEqualMetadata() {
        String endpoint = "{'endpoint':{'address':{'pipe':{'path':'/%s'}}},'metadata':{'filter_metadata':{'istio':{'workload':'%s'}}}}";
        var endpoints = parse("{'cluster_name':'c','endpoints':[{'lb_endpoints':[" + endpoint.formatted("1", "a") + ","
                + endpoint.formatted("2", "a") + "," + endpoint.formatted("3", "b") + "]}]}").get().groups().get(0).endpoints();
        assertSame(endpoints.get(0).metadata(), endpoints.get(1).metadata());
        assertEquals("b", endpoints.get(2).metadata().at("istio", "workload"));
    }

    @Test
    void everyFaultIsNamed() {
        var reasons = parse("{'cluster_name':'c','endpoints':[{'lb_endpoints':[{'endpoint_name':'x'},{'health_status':77,"
                + "'endpoint':{'address':{'socket_address':{'address':'h','port_value':1}}}}]}]}").reasons();
        assertEquals(4, reasons.size(), reasons.toString());
        assertTrue(reasons.contains("endpoints[0].lb_endpoints[1].health_status: unknown value 77"));
    }
}
