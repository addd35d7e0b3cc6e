package dev.outrider.proxy.http1;

import java.util.Arrays;

/** The string of some bytes, made anew only where the bytes differ from the last ones: clients repeat themselves on a connection. */
final class LastText {

    private byte[] bytes = {};
    private String text = "";

    String text(byte[] b, int from, int to) {
        if (!Arrays.equals(b, from, to, bytes, 0, bytes.length)) {
            bytes = Arrays.copyOfRange(b, from, to);
            text = Octets.text(b, from, to);
        }
        return text;
    }
}
