package dev.outrider.proxy.identity;

import dev.outrider.xds.model.Secret;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The secrets that are in force now, by SDS name. Set by the control loop, read by any. */
public final class SecretStore {

    private volatile Map<String, ? extends Secret> secrets = Map.of();

    /** The map must not change afterwards. */
    public void update(Map<String, ? extends Secret> all) {
        secrets = all;
    }

    public @Nullable Secret get(String name) {
        return secrets.get(name);
    }
}
