package dev.outrider.xds.pem;

import java.io.ByteArrayOutputStream;

/** Writes one element of DER (X.690): tag, length, and contents that are DER themselves or primitive. Any thread. */
public final class DerElement {

    public static final int BITS = 3;
    public static final int OCTETS = 4;
    public static final int SEQUENCE = 0x30;
    public static final int SET = 0x31;

    private DerElement() {}

    public static byte[] of(int tag, byte[]... contents) {
        int length = 0;
        for (byte[] content : contents) {
            length += content.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
        out.write(tag);
        if (length >= 0x80) {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
            out.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                out.write(length >> (8 * i));
            }
        } else {
            out.write(length);
        }
        for (byte[] content : contents) {
            out.writeBytes(content);
        }
        return out.toByteArray();
    }
}
