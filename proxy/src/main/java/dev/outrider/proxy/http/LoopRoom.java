package dev.outrider.proxy.http;

import io.netty.util.concurrent.FastThreadLocal;

/**
 * Room that messages of one loop use in turn: an idle connection holds none of it (it would be 5 KB of 8). Bounded by what was in use at once,
 * at most {@value #MOST} arrays of each kind, none larger than {@value #LARGEST} elements.
 */
public final class LoopRoom {

    private static final int MOST = 256;
    private static final int LARGEST = 8 * 1024;
    private static final int LARGEST_SCRATCH = 64 * 1024;

    private static final FastThreadLocal<LoopRoom> MINE = new FastThreadLocal<>() {
        @Override
        protected LoopRoom initialValue() {
            return new LoopRoom();
        }
    };

    private final byte[][] lines = new byte[MOST][];
    private int linesHeld;
    private final int[][] indexes = new int[MOST][];
    private int indexesHeld;
    private byte[] scratch = new byte[1024];

    private LoopRoom() {}

    static LoopRoom mine() {
        return MINE.get();
    }

    /**
     * At least {@code size} bytes of any content, of this thread's: valid until the caller returns to its own caller, since the next one gets
     * the same.
     */
    public static byte[] scratch(int size) {
        LoopRoom room = mine();
        if (room.scratch.length >= size) {
            return room.scratch;
        }
        byte[] larger = new byte[Math.max(size, room.scratch.length * 2)];
        if (larger.length <= LARGEST_SCRATCH) {
            room.scratch = larger;
        }
        return larger;
    }

    byte[] lines() {
        return linesHeld > 0 ? lines[--linesHeld] : new byte[512];
    }

    int[] index() {
        return indexesHeld > 0 ? indexes[--indexesHeld] : new int[96];
    }

    void give(byte[] back) {
        if (linesHeld < MOST && back.length <= LARGEST) {
            lines[linesHeld++] = back;
        }
    }

    void give(int[] back) {
        if (indexesHeld < MOST && back.length <= LARGEST) {
            indexes[indexesHeld++] = back;
        }
    }
}
