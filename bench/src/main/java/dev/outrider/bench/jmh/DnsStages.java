package dev.outrider.bench.jmh;

import dev.outrider.dns.table.Match;
import dev.outrider.dns.table.MeshName;
import dev.outrider.dns.table.NameTable;
import dev.outrider.dns.table.NameTableBuilder;
import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.RecordType;
import dev.outrider.dns.wire.WireName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A DNS question read and looked up, among few and among many names. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class DnsStages {

    @Param({"10", "10000"})
    public int names;

    private final Query query = new Query();
    private final Match match = new Match();
    private NameTable table;
    private byte[] packet;

    @Setup
    public void build() {
        List<MeshName> all = new ArrayList<>();
        for (int i = 0; i < names; i++) {
            all.add(new MeshName("svc-" + i + ".default.svc.cluster.local", List.of("10.96." + i / 250 + "." + i % 250), "Kubernetes", "svc-" + i, "default", List.of()));
        }
        List<String> errors = new ArrayList<>();
        table = new NameTableBuilder("cluster.local", "default", List.of(WireName.of("svc.cluster.local")), List.of()).names(all, errors);
        if (!errors.isEmpty()) {
            throw new IllegalStateException(errors.toString());
        }
        byte[] name = WireName.of("svc-" + (names - 1) + ".default.svc.cluster.local");
        int root = name[name.length - 1] == 0 ? 0 : 1;
        ByteBuffer bytes = ByteBuffer.allocate(12 + name.length + root + 4);
        bytes.putShort((short) 7).putShort((short) 0x0100).putShort((short) 1).putShort((short) 0).putInt(0);
        bytes.put(name).position(bytes.position() + root);
        bytes.putShort((short) RecordType.A).putShort((short) 1);
        packet = bytes.array();
        if (!lookup()) {
            throw new IllegalStateException("the name is not found");
        }
    }

    @Benchmark
    public boolean lookup() {
        return query.parse(packet, packet.length) == 0 && table.find(query, match);
    }
}
