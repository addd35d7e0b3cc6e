package dev.outrider.proxy.demo;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The programs behind the sidecars: plaintext on 127.0.0.1, ignorant of any mesh. Each tells who called it, by the XFCC header. */
final class SampleServices implements AutoCloseable {

    private static final int MAX_BODY = 64 * 1024;

    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("demo-services", true), NioIoHandler.newFactory());
    private final Map<DemoService.Pod, Integer> ports = new LinkedHashMap<>();

    SampleServices() {
        for (DemoService service : DemoService.values()) {
            for (DemoService.Pod pod : service.pods()) {
                ports.put(pod, listen(pod));
            }
        }
    }

    /** Where each listens. */
    Map<DemoService.Pod, Integer> ports() {
        return Map.copyOf(ports);
    }

    private int listen(DemoService.Pod pod) {
        Channel channel = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        if (pod.service().tcp()) {
                            child.pipeline().addLast(new ServerFirst());
                        } else {
                            child.pipeline().addLast(new HttpServerCodec(), new HttpObjectAggregator(MAX_BODY), new Page(pod));
                        }
                    }
                })
                .bind(Loopback.at(0))
                .syncUninterruptibly()
                .channel();
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static final class Page extends SimpleChannelInboundHandler<FullHttpRequest> {

        private final DemoService.Pod pod;

        Page(DemoService.Pod pod) {
            this.pod = pod;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            String caller = request.headers().get("x-forwarded-client-cert", "");
            boolean html = pod.service() == DemoService.PRODUCTPAGE;
            String text = html
                    ? "<!DOCTYPE html>\n<html><head><title>Simple Bookstore App</title></head>"
                            + "<body><h1>The Comedy of Errors</h1><p>served by " + pod.workload() + "</p></body></html>\n"
                    : "{\"service\": \"" + pod.service().label() + "\", \"pod\": \"" + pod.workload() + "\"}\n";
            ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
            DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, body);
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, html ? "text/html; charset=utf-8" : "application/json")
                    .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
                    .set("x-pod", pod.workload())
                    .set("x-caller", caller);
            context.writeAndFlush(response);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** MySQL's first packet (protocol 10 handshake), which the server sends before it hears anything. */
    private static final class ServerFirst extends ChannelInboundHandlerAdapter {

        @Override
        public void channelActive(ChannelHandlerContext context) {
            byte[] version = "5.7.44-bookinfo".getBytes(StandardCharsets.US_ASCII);
            // Version text, connection id, and the part of the challenge that ends with a zero byte.
            int length = 1 + version.length + 1 + 4 + 9;
            ByteBuf packet = context.alloc().buffer(4 + length);
            packet.writeMediumLE(length).writeByte(0).writeByte(10).writeBytes(version).writeByte(0).writeIntLE(1).writeZero(9);
            context.writeAndFlush(packet);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
