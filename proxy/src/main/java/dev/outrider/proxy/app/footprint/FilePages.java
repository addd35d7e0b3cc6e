package dev.outrider.proxy.app.footprint;

import dev.outrider.proxy.app.sidecar.Sidecar;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes pages that nothing uses out of the process (madvise(2), MADV_DONTNEED): the JVM walks through its whole AOT archive once at the start,
 * compilation through half of it later, and each page that is touched maps its fifteen neighbours. What is used again comes back from the page
 * cache within a microsecond. Only mappings of files that this process cannot have changed: read-only ones of the archive, code and linker's tables of the JVM.
 * A thread of its own.
 */
public final class FilePages {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.app");
    private static final Path MAPS = Path.of("/proc/self/maps");
    /** proc(5): address, permissions, offset, device, inode, file. */
    private static final Pattern MAPPING = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) (....) (\\S+) \\S+ [1-9]\\d* +(/.*)");
    private static final int MADV_DONTNEED = 4;
    private static final Duration LONGEST_START = Duration.ofSeconds(60);

    /** Some hundred page faults of a microsecond each time, under load as well, spread over what comes back. */
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private FilePages() {}

    record Range(long from, long length) {}

    /** Begins when the process serves; where this is not Linux, does nothing. Returns at once. */
    public static void giveBack(Sidecar sidecar) {
        if (Files.isReadable(MAPS)) {
            ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("outrider-pages").daemon().factory());
            thread.execute(() -> begin(sidecar, thread));
        }
    }

    @SuppressWarnings("restricted")
    private static void begin(Sidecar sidecar, ScheduledExecutorService thread) {
        try {
            boolean unused = sidecar.awaitReady(LONGEST_START);
            List<Range> ranges = ranges(Files.readAllLines(MAPS));
            Linker linker = Linker.nativeLinker();
            Optional<MemorySegment> found = linker.defaultLookup().find("madvise");
            if (ranges.isEmpty() || found.isEmpty()) {
                thread.shutdown();
                return;
            }
            MethodHandle madvise = linker.downcallHandle(found.get(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
            // One that is refused or fails would be so again: it ends the series.
            thread.scheduleWithFixedDelay(() -> advise(madvise, ranges), 0, PERIOD.toSeconds(), TimeUnit.SECONDS);
        } catch (IOException e) {
            LOG.log(Level.FINE, "pages of files stay mapped", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static List<Range> ranges(List<String> maps) {
        return maps.stream().map(FilePages::range).flatMap(Optional::stream).toList();
    }

    private static Optional<Range> range(String line) {
        Matcher mapping = MAPPING.matcher(line);
        if (!mapping.matches()) {
            return Optional.empty();
        }
        String file = mapping.group(5);
        boolean readOnly = mapping.group(3).equals("r--p");
        boolean archive = readOnly && file.endsWith(".aot");
        boolean library = file.endsWith("/libjvm.so");
        boolean code = library && mapping.group(3).equals("r-xp");
        // Tables of the linker. What is read-only further on was written while it was linked.
        boolean tables = library && readOnly && Long.parseUnsignedLong(mapping.group(4), 16) == 0;
        if (!archive && !code && !tables) {
            return Optional.empty();
        }
        long from = Long.parseUnsignedLong(mapping.group(1), 16);
        return Optional.of(new Range(from, Long.parseUnsignedLong(mapping.group(2), 16) - from));
    }

    private static void advise(MethodHandle madvise, List<Range> ranges) {
        try {
            int refused = 0;
            for (Range range : ranges) {
                refused |= (int) madvise.invokeExact(range.from(), range.length(), MADV_DONTNEED);
            }
            if (refused != 0) {
                throw new IllegalStateException("madvise was refused");
            }
        } catch (Throwable e) {
            LOG.log(Level.FINE, "pages of files stay mapped", e);
            throw new IllegalStateException("madvise", e);
        }
    }
}
