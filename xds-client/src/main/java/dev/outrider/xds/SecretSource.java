package dev.outrider.xds;

import dev.outrider.xds.model.Secret;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Serves secrets in this process, in place of SDS over gRPC (Istio's {@code default} and {@code ROOTCA}). Control thread. */
public interface SecretSource {

    /** Whether this source, and not the one that the configuration names, has the secret. */
    boolean serves(String name);

    /** The secret as it is now, null = not there yet. Any thread. */
    @Nullable Secret now(String name);

    /** Calls {@code sink} with the secret as soon as there is one, and with each later one, on any thread, until the handle is closed. */
    AutoCloseable watch(String name, Consumer<Secret> sink);
}
