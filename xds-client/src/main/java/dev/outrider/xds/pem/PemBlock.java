package dev.outrider.xds.pem;

import dev.outrider.xds.model.Bytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** One {@code -----BEGIN label-----} block (RFC 7468). Text between blocks is skipped, as OpenSSL does. Any thread. */
public record PemBlock(String label, Bytes der) {

    private static final int MAX_BYTES = 4 << 20;
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";

    /** In the order of the text. The error says what is wrong, never what the content is. */
    public static List<PemBlock> all(byte[] pem) throws GeneralSecurityException {
        if (pem.length > MAX_BYTES) {
            throw new GeneralSecurityException("is larger than 4 MiB");
        }
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        List<PemBlock> blocks = new ArrayList<>();
        int begin = text.indexOf(BEGIN);
        while (begin >= 0) {
            int labelEnd = text.indexOf(DASHES, begin + BEGIN.length());
            String label = labelEnd < 0 ? "" : text.substring(begin + BEGIN.length(), labelEnd);
            int end = labelEnd < 0 ? -1 : text.indexOf(END + label + DASHES, labelEnd);
            if (end < 0) {
                throw new GeneralSecurityException("is cut off: a PEM block has no end");
            }
            blocks.add(new PemBlock(label, Bytes.wrap(content(text.substring(labelEnd + DASHES.length(), end)))));
            begin = text.indexOf(BEGIN, end);
        }
        return blocks;
    }

    /** Headers (RFC 1421) stand only before encrypted keys, which are refused by their reader. */
    private static byte[] content(String lines) throws GeneralSecurityException {
        try {
            return lines.indexOf(':') >= 0 ? new byte[0] : Base64.getMimeDecoder().decode(lines);
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("is not readable: a PEM block is not base64", e);
        }
    }
}
