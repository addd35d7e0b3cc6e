package dev.outrider.proxy.identity.credential;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A bearer token.
 *
 * @param expires of a JWT that says so, else null
 * @param from its source, in words
 */
public record Token(String text, @Nullable Instant expires, String from) {

    /** Kubernetes and cloud tokens are a few kB; HTTP/2 headers end there too. */
    static final int MAX_LENGTH = 16 * 1024;

    private static final Pattern EXP = Pattern.compile("\"exp\"\\s*:\\s*([0-9]{1,11})(?:[.][0-9]*)?\\s*[,}]");

    /** Trims; throws when nothing is left, or what no header may carry. {@code from} names the source in the message. */
    public static Token of(String raw, String from) throws CredentialException {
        String text = raw.strip();
        if (text.isEmpty()) {
            throw new CredentialException(from + " is empty: put a token there");
        }
        if (text.length() > MAX_LENGTH || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new CredentialException(from + " holds no token: one line without blanks, at most 16 KiB, is expected");
        }
        return new Token(text, expiry(text), from);
    }

    public boolean expired(Instant now) {
        return expires != null && !expires.isAfter(now);
    }

    /** The claim alone is read: whether the token is good is for its reader to say. */
    private static @Nullable Instant expiry(String jwt) {
        String[] parts = jwt.split("[.]", -1);
        if (parts.length != 3) {
            return null;
        }
        try {
            Matcher exp = EXP.matcher(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
            return exp.find() ? Instant.ofEpochSecond(Long.parseLong(exp.group(1))) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return from + ", expires " + expires;
    }
}
