package dev.outrider.proxy.http1;

import io.netty.buffer.ByteBuf;

/** Finds the empty line that ends a block of lines, looking at every byte once however the input is cut. */
final class HeadFinder {

    static final int INCOMPLETE = -1;
    /** A carriage return stands alone: no end need ever come. */
    static final int BARE_CR = -2;

    private int scanned;

    void reset() {
        scanned = 0;
    }

    /** Length of the block with its empty line, or one of the constants. The reader index stays between calls. */
    int find(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        int at = start + scanned;
        while (true) {
            int lineFeed = at >= end ? -1 : in.indexOf(at, end, (byte) '\n');
            if (lineFeed < 0) {
                int from = Math.max(start, start + scanned - 1);
                scanned = end - start;
                return bareCr(in, from, end) ? BARE_CR : INCOMPLETE;
            }
            int before = lineFeed - 1;
            // Lines of carriage returns only end the block here and are refused when it is parsed.
            while (before >= start && in.getByte(before) == '\r') {
                before--;
            }
            if (before < start || in.getByte(before) == '\n') {
                scanned = 0;
                return lineFeed + 1 - start;
            }
            at = lineFeed + 1;
            scanned = at - start;
        }
    }

    private static boolean bareCr(ByteBuf in, int from, int end) {
        int cr = in.indexOf(from, end, (byte) '\r');
        while (cr >= 0 && cr + 1 < end) {
            byte next = in.getByte(cr + 1);
            if (next != '\n' && next != '\r') {
                return true;
            }
            cr = in.indexOf(cr + 1, end, (byte) '\r');
        }
        return false;
    }
}
