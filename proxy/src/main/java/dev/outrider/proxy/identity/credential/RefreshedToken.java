package dev.outrider.proxy.identity.credential;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the token of a source that is slow to ask, until half of its life is over; what does not say how long it lives, for a minute. When the source
 * fails, a token that has not expired goes on. {@link #token} on the identity thread, {@link #remembered} on any.
 */
public final class RefreshedToken implements TokenSource {

    private static final Duration OPAQUE_LIFE = Duration.ofMinutes(1);

    private record Held(Token token, Instant until) {}

    private final TokenSource source;
    private final Clock clock;
    private volatile @Nullable Held held;

    public RefreshedToken(TokenSource source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    @Override
    public @Nullable Token token() throws CredentialException {
        Instant now = clock.instant();
        Held known = held;
        if (known != null && now.isBefore(known.until())) {
            return known.token();
        }
        try {
            Token fresh = source.token();
            Instant expires = fresh == null ? null : fresh.expires();
            held = fresh == null ? null : new Held(fresh, expires == null ? now.plus(OPAQUE_LIFE) : now.plus(Duration.between(now, expires).dividedBy(2)));
            return fresh;
        } catch (CredentialException e) {
            if (known != null && known.token().expires() != null && !known.token().expired(now)) {
                return known.token();
            }
            throw e;
        }
    }

    @Override
    public @Nullable Token remembered() {
        Held known = held;
        return known == null ? null : known.token();
    }

    @Override
    public String described() {
        return source.described();
    }
}
