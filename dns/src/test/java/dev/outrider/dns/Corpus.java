package dev.outrider.dns;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Messages under src/test/resources/corpus, in hexadecimal with a line that says what each is, and their mutations from a fixed seed: every run
 * sees the same inputs. More rounds: {@code -Ddns.fuzz.rounds=}.
 */
public final class Corpus {

    private static final int ROUNDS = Integer.getInteger("dns.fuzz.rounds", 60_000);

    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final List<byte[]> messages;

    private Corpus(List<byte[]> messages) {
        this.messages = messages;
    }

    /** One input; what it throws is reported with the input. */
    public interface Target {
        void accept(byte[] input);
    }

    public static Corpus of(String... folders) {
        return new Corpus(Stream.of(folders).flatMap(folder -> load(folder).stream()).toList());
    }

    private static List<byte[]> load(String folder) {
        URL url = Objects.requireNonNull(Corpus.class.getResource("/corpus/" + folder), folder);
        try (Stream<Path> files = Files.list(Path.of(url.toURI()))) {
            return files.sorted().map(Corpus::read).toList();
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(folder, e);
        }
    }

    private static byte[] read(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return HexFormat.of().parseHex(lines.filter(line -> !line.startsWith("#")).collect(Collectors.joining()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Each message as it is, then mutations in turn. */
    public void run(long seed, Target target) {
        Random random = new Random(seed);
        for (int i = 0; i < ROUNDS + messages.size(); i++) {
            byte[] message = messages.get(i % messages.size());
            byte[] input = i < messages.size() ? message : mutate(message, random);
            try {
                target.accept(input);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("round " + i + " from seed " + seed + ": " + HexFormat.of().formatHex(input), e);
            }
        }
    }

    private byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed;
        if (random.nextInt(8) == 0) {
            byte[] other = messages.get(random.nextInt(messages.size()));
            int cut = random.nextInt(Math.min(seed.length, other.length));
            bytes = Arrays.copyOf(seed, other.length);
            System.arraycopy(other, cut, bytes, cut, other.length - cut);
        }
        bytes = Arrays.copyOf(bytes, Math.max(0, bytes.length + (random.nextInt(4) == 0 ? random.nextInt(-bytes.length, 40) : 0)));
        for (int i = random.nextInt(6); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) 0xC0;
                case 1 -> (byte) random.nextInt(64);
                case 2 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
                default -> (byte) random.nextInt(256);
            };
        }
        return bytes;
    }

    /** Bytes that this thread has allocated so far. */
    public static long allocated() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
