package dev.outrider.proxy.app.footprint;

import java.util.List;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class FilePagesTest {

    /** Lines of a running process: relocated data of a library is read-only and yet its own, anonymous pages and dirty ones must stay. */
    @Test
    void onlyWhatNobodyCanHaveChanged() {
        List<FilePages.Range> ranges = FilePages.ranges(List.of(
                "800001000-802348000 rw-p 00001000 fe:00 1234                 /usr/lib/outrider/lib/outrider.aot",
                "802348000-805010000 r--p 02348000 fe:00 1234                 /usr/lib/outrider/lib/outrider.aot",
                "7ff694400000-7ff694e30000 rwxp 00000000 00:00 0 ",
                "7ff6a4800000-7ff6a4ae3000 r--p 00000000 fe:00 99             /usr/lib/outrider/runtime/lib/server/libjvm.so",
                "7ff6a4ae3000-7ff6a5b6f000 r-xp 002e3000 fe:00 99             /usr/lib/outrider/runtime/lib/server/libjvm.so",
                "7ff6a5e80000-7ff6a5f6b000 r--p 01680000 fe:00 99             /usr/lib/outrider/runtime/lib/server/libjvm.so",
                "7ff68e6fe000-7ff68eb00000 r--p 00000000 00:00 0              /memfd:x.aot (deleted)",
                "7ffc12345000-7ffc12366000 rw-p 00000000 00:00 0              [stack]",
                ""));
        assertEquals(
                List.of(new FilePages.Range(0x802348000L, 0x805010000L - 0x802348000L),
                        new FilePages.Range(0x7ff6a4800000L, 0x7ff6a4ae3000L - 0x7ff6a4800000L),
                        new FilePages.Range(0x7ff6a4ae3000L, 0x7ff6a5b6f000L - 0x7ff6a4ae3000L)),
                ranges);
    }
}
