package dev.outrider.proxy.doctor;

import dev.outrider.proxy.doctor.machine.Machine;
import dev.outrider.proxy.intercept.Interceptor;
import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.RuleRunner;
import dev.outrider.proxy.intercept.tool.SystemRuleRunner;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** This machine. Every question is bounded in time, so that a doctor's round ends within seconds. */
final class SystemMachine implements Machine {

    private static final int MILLIS = 1_500;
    private static final int MAX_PAGE = 1 << 20;

    private final Places places;
    private final EffectiveSettings settings;
    private final String admin;

    SystemMachine(Places places, String admin) {
        this.places = places;
        this.admin = admin;
        settings = EffectiveSettings.read(places);
    }

    @Override
    public Places places() {
        return places;
    }

    @Override
    public EffectiveSettings settings() {
        return settings;
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public String user() {
        return System.getProperty("user.name", "?");
    }

    @Override
    public Optional<String> admin(String path) {
        try {
            HttpURLConnection connection = (HttpURLConnection) URI.create("http://" + admin + path).toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(MILLIS);
            connection.setReadTimeout(MILLIS);
            try (InputStream body = connection.getResponseCode() < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                return Optional.of(new String(body.readNBytes(MAX_PAGE), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public Rules rules() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Interceptor interceptor = new Interceptor(new SystemRuleRunner(), places.root().resolve("run/outrider-interception"));
        try {
            if (interceptor.installed() == null) {
                return new Rules(true, false, "");
            }
            int code = interceptor.verify(new PrintStream(said, true, StandardCharsets.UTF_8));
            String first = said.toString(StandardCharsets.UTF_8).lines().findFirst().orElse("they differ");
            return new Rules(true, true, code == 0 ? "" : first);
        } catch (RuleException e) {
            return new Rules(false, false, "");
        }
    }

    @Override
    public Optional<String> ruleset() {
        return output("nft", "list", "ruleset").or(() -> output("iptables-save"));
    }

    private static Optional<String> output(String... command) {
        try {
            RuleRunner.Result result = new SystemRuleRunner().run(List.of(command), "");
            return result.ok() ? Optional.of(result.out()) : Optional.empty();
        } catch (RuleException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> resolve(String name) {
        // The JDK's resolver has no time limit of its own, and a dead one takes ten seconds.
        CompletableFuture<List<String>> found = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("doctor-resolve").start(() -> found.complete(lookUp(name)));
        return found.completeOnTimeout(List.of(), MILLIS, TimeUnit.MILLISECONDS).join();
    }

    private static List<String> lookUp(String name) {
        try {
            return Arrays.stream(InetAddress.getAllByName(name)).map(InetAddress::getHostAddress).toList();
        } catch (UnknownHostException e) {
            return List.of();
        }
    }

    @Override
    public Dialled dial(String host, int port, String serverName) {
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(host, port), MILLIS);
            plain.setSoTimeout(MILLIS);
            return handshake(plain, host, port, serverName);
        } catch (SocketTimeoutException e) {
            return new Dialled(false, List.of(), "timed out");
        } catch (ConnectException e) {
            return new Dialled(false, List.of(), String.valueOf(e.getMessage()).contains("refused") ? "refused" : "unreachable");
        } catch (IOException e) {
            return new Dialled(false, List.of(), "unreachable (" + e.getMessage() + ")");
        }
    }

    /** Trusts everyone for the length of a handshake: what was shown is looked at afterwards, and nothing is sent. */
    private static Dialled handshake(Socket plain, String host, int port, String serverName) {
        PeerShown shown = new PeerShown();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {shown}, null);
            try (SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, false)) {
                SSLParameters parameters = tls.getSSLParameters();
                if (serverName.indexOf(':') < 0 && !serverName.matches("[0-9.]+")) {
                    parameters.setServerNames(List.of(new SNIHostName(serverName)));
                }
                parameters.setApplicationProtocols(new String[] {"h2"});
                tls.setSSLParameters(parameters);
                tls.startHandshake();
            }
            return new Dialled(true, shown.chain(), "");
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            // A server that wants a certificate of ours may end the handshake after it has shown its own.
            return new Dialled(true, shown.chain(), String.valueOf(e.getMessage()));
        }
    }

    /** Remembers the certificates that a peer shows. */
    private static final class PeerShown extends X509ExtendedTrustManager {

        private X509Certificate @Nullable [] shown;

        List<X509Certificate> chain() {
            X509Certificate[] all = shown;
            return all == null ? List.of() : List.of(all);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
            shown = chain;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            shown = chain;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            shown = chain;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
