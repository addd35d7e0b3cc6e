package dev.outrider.proxy.http2;

import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Arrays;

/**
 * Names and values that fields of a loop's streams had of late, so that the same bytes become the same object again: not copied, and with the hash
 * known that HPACK looks them up by. Bounded: short texts, one a place. Confined to its loop.
 */
final class KnownTexts {

    private static final int PLACES = 512;
    private static final int LONGEST = 48;

    private static final FastThreadLocal<KnownTexts> MINE = new FastThreadLocal<>() {
        @Override
        protected KnownTexts initialValue() {
            return new KnownTexts();
        }
    };

    private final AsciiString[] texts = new AsciiString[PLACES];

    private KnownTexts() {
        Arrays.fill(texts, AsciiString.EMPTY_STRING);
    }

    static KnownTexts ofLoop() {
        return MINE.get();
    }

    /** The text of these bytes, which may change afterwards. */
    AsciiString of(byte[] bytes, int from, int length) {
        if (length > LONGEST) {
            return new AsciiString(bytes, from, length, true);
        }
        int hash = length;
        for (int i = from; i < from + length; i++) {
            hash = 31 * hash + bytes[i];
        }
        int place = (hash ^ hash >>> 9 ^ hash >>> 18) & PLACES - 1;
        AsciiString there = texts[place];
        int at = there.arrayOffset();
        if (there.length() == length && Arrays.equals(there.array(), at, at + length, bytes, from, from + length)) {
            return there;
        }
        AsciiString made = new AsciiString(bytes, from, length, true);
        texts[place] = made;
        return made;
    }
}
