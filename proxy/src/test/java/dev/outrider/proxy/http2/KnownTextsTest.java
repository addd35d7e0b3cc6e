package dev.outrider.proxy.http2;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

class KnownTextsTest {

    private final KnownTexts texts = KnownTexts.ofLoop();

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void theSameBytesAreTheSameObject() {
        assertSame(texts.of(bytes("content-type"), 0, 12), texts.of(bytes("xcontent-type"), 1, 12));
    }

    @Test
    void whatWasGivenOutDoesNotChangeWithTheBytesItWasMadeOf() {
        byte[] reused = bytes("first");
        var first = texts.of(reused, 0, 5);
        System.arraycopy(bytes("other"), 0, reused, 0, 5);
        assertEquals("other", texts.of(reused, 0, 5).toString());
        assertEquals("first", first.toString());
    }

    @Test
    void everyTextIsItselfHoweverManyThereAre() {
        for (int i = 0; i < 5_000; i++) {
            String text = "value-" + i;
            assertEquals(text, texts.of(bytes(text), 0, text.length()).toString());
        }
        assertEquals("", texts.of(bytes("x"), 0, 0).toString());
    }

    @Test
    void longTextsAreNotKept() {
        byte[] secret = bytes("s".repeat(100));
        assertNotSame(texts.of(secret, 0, 100), texts.of(secret, 0, 100));
    }
}
