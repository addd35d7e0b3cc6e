package dev.outrider.bench.dns;

import com.sun.management.ThreadMXBean;
import dev.outrider.bench.process.ProcFiles;
import dev.outrider.dns.DnsShim;
import dev.outrider.dns.cache.AnswerCache;
import dev.outrider.dns.forward.Forwarder;
import dev.outrider.dns.forward.LoopProbe;
import dev.outrider.dns.forward.ResolverGroup;
import dev.outrider.dns.forward.Sockets;
import dev.outrider.dns.query.Answering;
import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.dns.query.InProcessTarget;
import dev.outrider.dns.query.Outcome;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.query.Zone;
import dev.outrider.dns.query.ZoneMap;
import dev.outrider.dns.table.MeshName;
import dev.outrider.dns.table.NameTableBuilder;
import dev.outrider.dns.wire.RecordType;
import dev.outrider.dns.wire.UpstreamQuestion;
import dev.outrider.dns.wire.WireName;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Measures the shim from within its process and prints a figure a line: name, tab, value. */
final class InsideMain {

    private static final int WARM_ANSWERS = 1_000_000;
    private static final int ANSWERS = 1_000_000;
    private static final int PUSHES = 20;
    private static final int SMALL_MESH = 100;
    private static final double MEBIBYTE = 1 << 20;

    private InsideMain() {}

    public static void main(String[] args) throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        EventLoop loop = group.next();
        likeAProxy(group);
        long heapBefore = liveHeap();
        long residentBefore = anonymousKilobytes();
        try (DnsShim shim = new DnsShim(ShimMain.settings(0, 1), group)) {
            shim.start();
            shim.applyTable(DnsNames.rows().subList(0, SMALL_MESH)).get();
            long heapSmall = liveHeap();
            print("heap of the shim in a mesh of 100 services MiB", (heapSmall - heapBefore) / MEBIBYTE);
            print("anonymous memory that it adds to the process MB", (anonymousKilobytes() - residentBefore) / 1000.0);
            shim.applyTable(DnsNames.rows()).get();
            print("heap of shim and table of 10,000 services MiB", (liveHeap() - heapBefore) / MEBIBYTE);
            updates(shim, loop);
        }
        loop.submit(() -> answers(loop)).sync();
        group.shutdownGracefully().sync();
    }

    /** Loads what every proxy has in use: sockets of both kinds, random numbers. Their cost is not the shim's. */
    private static void likeAProxy(EventLoopGroup group) throws Exception {
        InetSocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        new Bootstrap().group(group).channel(EpollDatagramChannel.class).handler(new ChannelInboundHandlerAdapter())
                .bind(anywhere).sync().channel().close().sync();
        Channel server = new ServerBootstrap().group(group).channel(EpollServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.writeAndFlush(channel.alloc().buffer(1).writeByte(0));
                    }
                }).bind(anywhere).sync().channel();
        try (Socket client = new Socket()) {
            client.connect(server.localAddress());
            client.getOutputStream().write(client.getInputStream().read());
        }
        server.close().sync();
        SecureRandom.getInstance("DRBG").nextInt();
    }

    private static void print(String name, double value) {
        System.out.println(name + "\t" + String.format(Locale.ROOT, "%.4f", value));
    }

    private static long liveHeap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long anonymousKilobytes() {
        return ProcFiles.memory(ProcessHandle.current().pid()).anonymous();
    }

    /** How late the loop comes to what is due while tables are applied. */
    private static void updates(DnsShim shim, EventLoop loop) throws Exception {
        List<MeshName> rows = DnsNames.rows();
        List<Double> undisturbed = new ArrayList<>();
        List<Double> one = new ArrayList<>();
        List<Double> all = new ArrayList<>();
        for (int push = 0; push < PUSHES; push++) {
            Ticker ticker = new Ticker(loop);
            undisturbed.add(ticker.latestMillis(() -> GlobalEventExecutor.INSTANCE.schedule(() -> { }, 20, TimeUnit.MILLISECONDS).get()));
            List<MeshName> changed = new ArrayList<>(rows);
            changed.set(push, moved(rows.get(push), push, push));
            one.add(ticker.latestMillis(() -> shim.applyTable(changed).get()));
            int number = push;
            List<MeshName> everything = IntStream.range(0, rows.size()).mapToObj(row -> moved(rows.get(row), number, row)).toList();
            all.add(ticker.latestMillis(() -> shim.applyTable(everything).get()));
            shim.applyTable(rows).get();
        }
        print("latest turn on the loop without a push ms", median(undisturbed));
        print("latest turn on the loop while one name changes ms", median(one));
        print("latest turn on the loop while every name changes ms", median(all));
    }

    private static MeshName moved(MeshName row, int push, int number) {
        return new MeshName(row.host(), List.of("10." + (200 + push) + "." + (number >> 8) + "." + (number & 0xFF)), row.registry(), row.shortName(), row.namespace(), row.altHosts());
    }

    private static double median(List<Double> values) {
        values.sort(null);
        return values.get(values.size() / 2);
    }

    /** Is due on the loop every 100 µs, as packets would be, and sleeps between: the loop has to be woken in time. */
    private static final class Ticker implements Runnable {

        private static final long PERIOD_NANOS = 100_000;

        private final EventLoop loop;
        private volatile boolean running;
        private long due;
        private long latest;

        Ticker(EventLoop loop) {
            this.loop = loop;
        }

        /** What is done meanwhile. */
        private interface Work {
            void run() throws Exception;
        }

        double latestMillis(Work work) throws Exception {
            running = true;
            loop.submit(() -> {
                latest = 0;
                again();
            }).sync();
            work.run();
            running = false;
            return loop.submit(() -> latest).get() / 1e6;
        }

        private void again() {
            due = System.nanoTime() + PERIOD_NANOS;
            var unused = loop.schedule(this, PERIOD_NANOS, TimeUnit.NANOSECONDS);
        }

        @Override
        public void run() {
            latest = Math.max(latest, System.nanoTime() - due);
            if (running) {
                again();
            }
        }
    }

    /** The engine alone, packet in, packet out. */
    private static void answers(EventLoop loop) {
        ResolverGroup nobody = new ResolverGroup(".");
        ZoneMap zones = new ZoneMap(List.of(
                new Zone("svc.cluster.local", Zone.Rule.OURS, nobody), new Zone(".", Zone.Rule.FORWARDED, nobody)));
        Forwarder forwarder = new Forwarder(Sockets.of(loop, 0), System::nanoTime, (question, answer, by) -> { });
        QueryEngine engine = new QueryEngine(
                new Answering(30, 5, List.of(), false, 1000, 10_000),
                new QueryEngine.Parts(zones, new AnswerCache(0), forwarder, new LoopProbe(forwarder), new DnsMetrics(zones), System::nanoTime),
                new NameTableBuilder("cluster.local", "default", zones.ours(), List.of()).names(DnsNames.rows(), new ArrayList<>()));
        byte[][] questions = new byte[4096][];
        List<MeshName> rows = DnsNames.rows();
        for (int i = 0; i < questions.length; i++) {
            questions[i] = UpstreamQuestion.of(WireName.of(rows.get(i).host()), RecordType.A).packet(i, true);
        }
        Sink sink = new Sink();
        ask(engine, questions, sink, WARM_ANSWERS);
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        long bytes = threads.getCurrentThreadAllocatedBytes();
        long started = System.nanoTime();
        ask(engine, questions, sink, ANSWERS);
        long nanos = System.nanoTime() - started;
        bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
        print("engine alone, ns an answer", (double) nanos / ANSWERS);
        print("engine alone, bytes allocated an answer", Math.rint((double) bytes / ANSWERS));
        if (sink.answers != WARM_ANSWERS + ANSWERS) {
            throw new IllegalStateException(sink.answers + " answers");
        }
    }

    private static void ask(QueryEngine engine, byte[][] questions, Sink sink, int times) {
        for (int i = 0; i < times; i++) {
            byte[] question = questions[i % questions.length];
            engine.handle(question, question.length, sink);
        }
    }

    /** Counts replies with one answer record. */
    private static final class Sink implements InProcessTarget {

        private int answers;

        @Override
        public void reply(byte[] bytes, int length, Outcome outcome) {
            answers += bytes[7];
        }

        @Override
        public boolean stream() {
            return false;
        }
    }
}
