package dev.outrider.proxy.admin.status;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Descriptors of this process (proc_pid_limits(5), proc_pid_fd(5)): each connection takes two. -1 where the system does not say. */
record OpenFiles(long open, long most) {

    private static final String LIMIT = "Max open files";

    static OpenFiles now() {
        return new OpenFiles(count(), limit());
    }

    private static long count() {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        } catch (IOException e) {
            return -1;
        }
    }

    private static long limit() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
            return lines.filter(line -> line.startsWith(LIMIT))
                    .map(line -> line.substring(LIMIT.length()).strip().split("\\s+", 2)[0])
                    .filter(soft -> soft.matches("[0-9]{1,18}"))
                    .mapToLong(Long::parseLong)
                    .findFirst().orElse(-1);
        } catch (IOException e) {
            return -1;
        }
    }
}
