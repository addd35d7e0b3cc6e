package dev.outrider.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Figures from {@code /proc} (proc_pid_stat(5), proc_pid_smaps(5)). Any thread. */
public final class ProcFiles {

    /** USER_HZ, which the kernel's interface to user space fixes at 100 on every architecture that a JDK runs on. */
    private static final double TICKS_PER_SECOND = 100;

    /** Position of utime behind the command's closing bracket: fields 14 and 15 of the line, of which two are before it. */
    private static final int UTIME = 11;

    private ProcFiles() {}

    /** CPU seconds of all threads of a process, also of those that have ended; 0 when the process has. */
    public static double cpuSeconds(long pid) {
        try {
            String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[UTIME]) + Long.parseLong(fields[UTIME + 1])) / TICKS_PER_SECOND;
        } catch (IOException e) {
            return 0;
        }
    }

    /** CPU seconds that the whole machine spent on anything, what its host took away included. */
    public static double busySeconds() {
        try {
            String[] fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().trim().split(" +", -1);
            // cpu user nice system idle iowait irq softirq steal
            long busy = 0;
            for (int i = 1; i <= 8 && i < fields.length; i++) {
                if (i != 4 && i != 5) {
                    busy += Long.parseLong(fields[i]);
                }
            }
            return busy / TICKS_PER_SECOND;
        } catch (IOException e) {
            throw new IllegalStateException("/proc/stat cannot be read: " + e.getMessage(), e);
        }
    }

    /** Resident memory of a process, whole and with what it shares divided among the sharers. */
    public static Memory memory(long pid) {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"));
            return new Memory(kilobytes(lines, "Rss:"), kilobytes(lines, "Pss:"), kilobytes(lines, "Pss_Anon:"));
        } catch (IOException e) {
            return new Memory(0, 0, 0);
        }
    }

    /** Open file descriptors. */
    public static int descriptors(long pid) {
        String[] names = Path.of("/proc/" + pid + "/fd").toFile().list();
        return names == null ? 0 : names.length;
    }

    private static long kilobytes(List<String> lines, String label) {
        for (String line : lines) {
            if (line.startsWith(label)) {
                return Long.parseLong(line.substring(label.length()).replace("kB", "").trim());
            }
        }
        return 0;
    }

    /** In kilobytes. */
    public record Memory(long rss, long pss, long anonymous) {

        public Memory plus(Memory other) {
            return new Memory(rss + other.rss, pss + other.pss, anonymous + other.anonymous);
        }
    }
}
