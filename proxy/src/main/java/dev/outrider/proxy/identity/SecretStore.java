package dev.outrider.proxy.identity;

import dev.outrider.xds.SecretSource;
import dev.outrider.xds.model.Secret;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The secrets that are in force now, by SDS name. Set by the control loop, read by any thread. */
public final class SecretStore {

    private final @Nullable SecretStore below;
    private final @Nullable SecretSource own;
    private volatile Map<String, ? extends Secret> secrets = Map.of();

    public SecretStore() {
        this(null, null);
    }

    private SecretStore(@Nullable SecretStore below, @Nullable SecretSource own) {
        this.below = below;
        this.own = own;
    }

    /** These secrets as another identity sees them: what {@code own} serves comes from there alone, even while it has nothing. */
    public SecretStore under(SecretSource other) {
        return new SecretStore(this, other);
    }

    /** The map must not change afterwards. */
    public void update(Map<String, ? extends Secret> all) {
        secrets = all;
    }

    public @Nullable Secret get(String name) {
        if (own != null && own.serves(name)) {
            return own.now(name);
        }
        return below == null ? secrets.get(name) : below.get(name);
    }
}
