package dev.outrider.proxy.telemetry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ByteRingTest {

    private final ByteRing ring = new ByteRing(16);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private boolean offer(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return ring.offer(bytes, bytes.length);
    }

    @Test
    void textsComeOutInOrderAcrossTheEndOfTheArray() throws IOException {
        assertTrue(offer("0123456789"));
        assertEquals(10, ring.drainTo(out));
        assertTrue(offer("abcdefghij"));
        assertTrue(offer("klmnop"));
        assertEquals(16, ring.drainTo(out));
        assertEquals("0123456789abcdefghijklmnop", out.toString(StandardCharsets.US_ASCII));
        assertEquals(0, ring.size());
    }

    @Test
    void whatDoesNotFitIsRefusedWhole() throws IOException {
        assertTrue(offer("0123456789"));
        assertFalse(offer("abcdefg"));
        assertTrue(offer("ABCDEF"));
        ring.drainTo(out);
        assertEquals("0123456789ABCDEF", out.toString(StandardCharsets.US_ASCII));
    }

    @Test
    void aFailedWriteFreesItsRoom() {
        assertTrue(offer("0123456789"));
        assertThrows(IOException.class, () -> ring.drainTo(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("full");
            }
        }));
        assertTrue(offer("0123456789abcdef"));
    }

    @Test
    void twoThreadsAgreeOnEveryByte() throws InterruptedException, IOException {
        int lines = 100_000;
        Thread writing = new Thread(() -> {
            for (int i = 0; i < lines; i++) {
                while (!offer(i % 10 + "\n")) {
                    Thread.onSpinWait();
                }
            }
        });
        writing.start();
        while (writing.isAlive() || ring.size() > 0) {
            ring.drainTo(out);
        }
        writing.join();
        ring.drainTo(out);
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            expected.append(i % 10).append('\n');
        }
        assertEquals(expected.toString(), out.toString(StandardCharsets.US_ASCII));
    }
}
