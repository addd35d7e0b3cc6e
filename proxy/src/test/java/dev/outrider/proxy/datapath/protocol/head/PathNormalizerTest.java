package dev.outrider.proxy.datapath.protocol.head;

import dev.outrider.xds.model.HttpConnectionManager.PathNormalization;
import dev.outrider.xds.model.HttpConnectionManager.PathNormalization.EscapedSlashes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** {@code pathnorm.txt} holds what Envoy 1.40.0 made of each path: normalize, merge, escaped slashes, path, outcome. */
class PathNormalizerTest {

    private static final Pattern HEX = Pattern.compile("\\\\x(..)");

    static List<String> lines(String name) throws IOException {
        try (var in = PathNormalizerTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1).lines().toList();
        }
    }

    private static String plain(String text) {
        return HEX.matcher(text).replaceAll(m -> java.util.regex.Matcher.quoteReplacement("" + (char) Integer.parseInt(m.group(1), 16)));
    }

    @Test
    void asEnvoyDoes() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<String> rows = lines("pathnorm.txt");
        assertTrue(rows.size() > 1000, "rows are missing");
        for (String row : rows) {
            String[] part = row.split(" ", 5);
            PathNormalization rules = new PathNormalization(part[0].equals("1"), part[1].equals("1"), EscapedSlashes.valueOf(part[2]));
            PathNormalizer.Result result = PathNormalizer.normalize(plain(part[3]), rules);
            String got = result == null ? "refuse" : (result.redirect() ? "redirect " : "go ") + result.path();
            if (!got.equals(plain(part[4]))) {
                wrong.add(row + " but was " + got);
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void rawHighBytesAreRefusedWhenNormalising() {
        assertEquals(null, PathNormalizer.normalize("/a\u00e9b", new PathNormalization(true, false, EscapedSlashes.KEEP)));
    }

    @Test
    void noInputThrowsAndTheResultIsStable() {
        Random random = new Random(42);
        String alphabet = "/./%2e%2f%5c\\;?#ab%00~A%zz%4";
        PathNormalization rules = new PathNormalization(true, true, EscapedSlashes.UNESCAPE_AND_FORWARD);
        for (int round = 0; round < 200_000; round++) {
            StringBuilder path = new StringBuilder("/");
            int length = random.nextInt(24);
            for (int i = 0; i < length; i++) {
                int at = random.nextInt(alphabet.length());
                path.append(alphabet, at, Math.min(alphabet.length(), at + 1 + random.nextInt(4)));
            }
            PathNormalizer.Result once = PathNormalizer.normalize(path.toString(), rules);
            if (once != null) {
                String done = once.path();
                int end = done.indexOf('?') < 0 ? done.length() : done.indexOf('?');
                assertTrue(done.startsWith("/"), done);
                assertFalse(done.substring(0, end).contains("/../"), () -> path + " became " + done);
                assertFalse(done.substring(0, end).contains("/./"), () -> path + " became " + done);
            }
        }
    }
}
