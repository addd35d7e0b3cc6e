package dev.outrider.proxy.identity.files;

import dev.outrider.proxy.identity.KeyPairFiles;
import dev.outrider.proxy.identity.Pem;
import dev.outrider.xds.SecretSource;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The secrets whose names are their files, as Istio's agent serves them to DestinationRules with certificates of their own:
 * {@code file-cert:CHAIN~KEY}, {@code file-root:ROOTS} and {@code file-root:system}. A file that cannot be used leaves the last good secret in force.
 * Looks and calls happen on {@code thread}.
 */
public final class FileSecrets implements SecretSource {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.identity");

    private static final String PAIR = "file-cert:";
    private static final String ROOTS = "file-root:";
    private static final String SYSTEM = ROOTS + "system";
    private static final long LOOK_MILLIS = 500;

    private final Path root;
    private final FileModes modes;
    private final ScheduledExecutorService thread;

    /** @param root where relative paths start */
    public FileSecrets(Path root, FileModes modes, ScheduledExecutorService thread) {
        this.root = root;
        this.modes = modes;
        this.thread = thread;
    }

    @Override
    public boolean serves(String name) {
        return name.startsWith(PAIR) || name.startsWith(ROOTS);
    }

    @Override
    public @Nullable Secret now(String name) {
        try {
            return read(name);
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    @Override
    public AutoCloseable watch(String name, Consumer<Secret> sink) {
        Watch watch = new Watch(name, sink);
        ScheduledFuture<?> looks = thread.scheduleWithFixedDelay(watch, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return () -> looks.cancel(false);
    }

    private Secret read(String name) throws GeneralSecurityException {
        if (name.equals(SYSTEM)) {
            return trust(Bytes.EMPTY, true);
        }
        List<Path> files = files(name);
        if (name.startsWith(ROOTS)) {
            Path file = files.getFirst();
            Bytes pem = CertificateFolder.bytes(file);
            try {
                Pem.certificates(pem.toArray());
            } catch (GeneralSecurityException e) {
                throw new GeneralSecurityException(file + " " + e.getMessage(), e);
            }
            return trust(pem, false);
        }
        if (files.size() != 2) {
            throw new GeneralSecurityException("the name must be " + PAIR + "CHAIN~KEY, two files");
        }
        String fault = modes.fault(files.getLast());
        if (fault != null) {
            throw new GeneralSecurityException(fault);
        }
        Secret.Certificate pair = new Secret.Certificate(CertificateFolder.bytes(files.getFirst()), CertificateFolder.bytes(files.getLast()), null, null);
        KeyPairFiles.of(pair);
        return pair;
    }

    private static Secret trust(Bytes pem, boolean system) {
        return new Secret.Validation(pem, null, List.of(), Bytes.EMPTY, List.of(), List.of(), system, false);
    }

    private List<Path> files(String name) throws GeneralSecurityException {
        List<Path> files = new ArrayList<>();
        for (String path : name.substring(name.indexOf(':') + 1).split("~", -1)) {
            try {
                files.add(root.resolve(path).normalize());
            } catch (InvalidPathException e) {
                throw new GeneralSecurityException("'" + path + "' is no path", e);
            }
        }
        return files;
    }

    /** One name's files. What was wrong is tried again at each look, because a {@code chmod} changes neither time nor size; it is said once. */
    private final class Watch implements Runnable {

        private final String name;
        private final Consumer<Secret> sink;
        private @Nullable WatchedFiles files;
        private @Nullable Secret given;
        private String fault = "";

        Watch(String name, Consumer<Secret> sink) {
            this.name = name;
            this.sink = sink;
        }

        @Override
        public void run() {
            try {
                if (!due()) {
                    return;
                }
                Secret secret = read(name);
                fault = "";
                if (!secret.equals(given)) {
                    given = secret;
                    sink.accept(secret);
                }
            } catch (GeneralSecurityException e) {
                say(String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                LOG.log(Level.SEVERE, "secret '" + name + "' could not be looked after; it is tried again", e);
            }
        }

        private boolean due() throws GeneralSecurityException {
            WatchedFiles known = files;
            if (known == null) {
                files = new WatchedFiles(name.equals(SYSTEM) ? List.of() : files(name));
                return true;
            }
            boolean changed = known.changed();
            return changed || !fault.isEmpty();
        }

        private void say(String reason) {
            if (!reason.equals(fault)) {
                fault = reason;
                LOG.warning("secret '" + name + "': " + reason + (given == null ? "; what needs it waits" : "; the last good one serves on"));
            }
        }
    }
}
