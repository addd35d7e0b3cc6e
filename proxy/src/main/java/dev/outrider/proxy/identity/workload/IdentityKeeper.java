package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.Pem;
import dev.outrider.proxy.identity.ca.CaCredentials;
import dev.outrider.proxy.identity.ca.CaException;
import dev.outrider.proxy.identity.ca.CertificateAuthority;
import dev.outrider.proxy.identity.ca.IssuedCertificate;
import dev.outrider.proxy.identity.credential.CredentialException;
import dev.outrider.proxy.identity.credential.Token;
import dev.outrider.proxy.identity.credential.TokenSource;
import dev.outrider.proxy.identity.files.CertificateFolder;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one identity alive: starts from what is on disk, asks the CA when half of the life is over, whether anybody looks or not, and goes on with the
 * old certificate until the next one is there. Due times are wall-clock times that {@link #tick} compares, so that a machine that slept catches up at
 * once. Identity thread.
 */
final class IdentityKeeper {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.identity");

    private static final Duration LOOK = Duration.ofSeconds(1);
    /** Between two requests that succeed, whatever lives the CA gives. */
    private static final Duration LEAST_LIFE = Duration.ofSeconds(1);
    private static final Duration ANSWER_LOOK = Duration.ofMillis(100);

    /** {@code authority} null = there is none. */
    record Parts(@Nullable CertificateAuthority authority, RenewalSchedule schedule, Clock clock) {}

    private final IdentitySettings settings;
    private final Parts parts;
    private final Clock clock;
    private final Consumer<IdentityState> publish;
    private final IdentityDisk disk;
    private final TrustBundle trust = new TrustBundle();
    private final ExpiryAlarm alarm = new ExpiryAlarm();
    private IdentityState state = IdentityState.NONE;
    private @Nullable WorkloadCertificate certificate;
    private @Nullable Instant nextAttempt;
    private Instant lastAttempt = Instant.MIN;
    private String problem = "";
    private boolean asking;
    private boolean outputFails;
    private int failuresInARow;
    private IdentityState.Counts counts = IdentityState.NONE.counts();

    IdentityKeeper(IdentitySettings settings, Parts parts, Consumer<IdentityState> publish) {
        this.settings = settings;
        this.parts = parts;
        this.clock = parts.clock();
        this.publish = publish;
        this.disk = new IdentityDisk(settings, clock);
    }

    /** Takes what is on disk. */
    void start() {
        Instant now = clock.instant();
        if (parts.authority() != null) {
            nextAttempt = now;
        }
        takeTrust(disk.startTrust());
        take(disk.startCertificate(), now);
        publish();
    }

    void renewNow() {
        if (parts.authority() != null) {
            nextAttempt = clock.instant();
        }
    }

    /** Does what is due; gives the time to come again. */
    Instant tick() {
        Instant now = clock.instant();
        IdentityDisk.News news = disk.look();
        boolean trusted = takeTrust(news.trust());
        boolean lapsed = trust.expire(now);
        boolean replaced = take(news.certificate(), now);
        if (trusted || lapsed || replaced || !currentProblem().equals(state.problem())) {
            publish();
        }
        if (news.tokenChanged() && certificate == null && nextAttempt != null) {
            nextAttempt = now;
        }
        if (due(now)) {
            ask(now);
        }
        sound(now);
        Instant look = now.plus(asking ? ANSWER_LOOK : LOOK);
        return nextAttempt != null && !asking && nextAttempt.isBefore(look) ? nextAttempt : look;
    }

    private boolean take(Secret.@Nullable Certificate pem, Instant now) {
        if (pem == null || (certificate != null && certificate.pem().equals(pem))) {
            return false;
        }
        try {
            WorkloadCertificate found = WorkloadCertificate.of(pem);
            if (found.expired(now)) {
                disk.refuse(disk.where() + ": the certificate expired at " + found.notAfter());
                return false;
            }
            certificate = found;
            if (parts.authority() != null) {
                nextAttempt = parts.schedule().renewal(found.notBefore(), found.notAfter());
            }
            LOG.info("certificate of " + found.id() + " from " + disk.where() + ", valid until " + found.notAfter()
                    + (nextAttempt == null ? "" : ", will renew it in " + GoDuration.text(Duration.between(now, nextAttempt))));
            return true;
        } catch (GeneralSecurityException e) {
            disk.refuse(disk.where() + ": " + e.getMessage());
            return false;
        }
    }

    private boolean takeTrust(IdentityDisk.@Nullable Trust found) {
        if (found == null) {
            return false;
        }
        trust.configure(found.roots());
        return true;
    }

    /** A clock that was set back would put the next attempt out of reach. */
    private boolean due(Instant now) {
        return parts.authority() != null && !asking && nextAttempt != null && (!now.isBefore(nextAttempt) || now.isBefore(lastAttempt));
    }

    private void ask(Instant now) {
        CertificateAuthority authority = parts.authority();
        if (authority == null) {
            return;
        }
        lastAttempt = now;
        counts = new IdentityState.Counts(counts.requests() + 1, counts.failures(), counts.retries() + (failuresInARow > 0 ? 1 : 0), counts.latencyMillis());
        CaCredentials credentials;
        try {
            credentials = credentials(now);
        } catch (CredentialException e) {
            failed(String.valueOf(e.getMessage()));
            return;
        }
        asking = true;
        authority.request(credentials).whenComplete((issued, failure) -> {
            asking = false;
            Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (issued == null) {
                failed(cause instanceof CaException known ? known.line() : String.valueOf(cause));
                return;
            }
            try {
                issued(issued);
            } catch (GeneralSecurityException e) {
                failed("the CA's answer cannot be used: " + e.getMessage());
            }
        });
    }

    private CaCredentials credentials(Instant now) throws CredentialException {
        WorkloadCertificate own = certificate != null && !certificate.expired(now) ? certificate : null;
        String shown = own == null ? "" : "the certificate of " + own.id() + " (valid until " + own.notAfter() + ")";
        TokenSource source = settings.tokens();
        Token token = null;
        String of = "";
        if (source != null) {
            try {
                token = source.token();
            } catch (CredentialException e) {
                if (own == null) {
                    throw e;
                }
                LOG.warning(e.getMessage() + "; the certificate speaks for itself");
            }
            if (token != null) {
                boolean expired = token.expired(now);
                of = token.from() + (expired ? " (expired at " + token.expires() + ")" : "");
                // A certificate makes an expired token needless, and some CAs look at the token first.
                token = expired && own != null ? null : token;
            }
        }
        if (token == null && own == null) {
            throw new CredentialException("nothing to show the CA: put a token at " + (source == null ? "the place that cluster.env names" : source.described())
                    + ", or a certificate of this machine and its key in " + (settings.folder() == null ? "/etc/certs" : settings.folder().directory()));
        }
        return new CaCredentials(token == null ? null : token.text(), own == null ? null : own.pem(),
                token == null ? shown : of + (shown.isEmpty() ? "" : " and " + shown));
    }

    private void issued(IssuedCertificate answer) throws GeneralSecurityException {
        Instant now = clock.instant();
        WorkloadCertificate next = WorkloadCertificate.of(new Secret.Certificate(
                Bytes.utf8(answer.chainPem()), Bytes.utf8(answer.keyPem()), null, null));
        if (trust.issue(Pem.certificates(answer.rootsPem().getBytes(StandardCharsets.US_ASCII)), now.plus(next.life()))) {
            LOG.info("Root cert has changed, start rotating root cert: the former roots count until " + now.plus(next.life()));
        }
        certificate = next;
        failuresInARow = 0;
        problem = "";
        disk.accepted();
        // From now, not from notBefore: a CA that dates back must not be asked again and again.
        Instant renewal = parts.schedule().renewal(now, next.notAfter());
        Instant soonest = now.plus(LEAST_LIFE);
        nextAttempt = renewal.isBefore(soonest) ? soonest : renewal;
        counts = new IdentityState.Counts(counts.requests(), counts.failures(), counts.retries(), Duration.between(lastAttempt, now).toMillis());
        write(next);
        // The page that operators follow tells them to look for this line.
        LOG.info("CSR is approved successfully. Will renew cert in " + GoDuration.text(Duration.between(now, nextAttempt)));
        publish();
    }

    private void write(WorkloadCertificate next) {
        CertificateFolder output = settings.output();
        if (output == null) {
            return;
        }
        try {
            String roots = trust.pem();
            output.write(next.pem(), roots);
            disk.wrote(roots);
            outputFails = false;
        } catch (IOException e) {
            if (!outputFails) {
                LOG.warning(output.directory() + " cannot be written (" + e + "): the certificate is in memory alone, and a restart needs a token;"
                        + " chown the directory to the user that Outrider runs as, or set OUTPUT_CERTS to another, or to nothing");
            }
            outputFails = true;
        }
    }

    /** From somebody who renews by himself. */
    void provided(Secret.Certificate pem, List<X509Certificate> roots) {
        Instant now = clock.instant();
        try {
            WorkloadCertificate next = WorkloadCertificate.of(pem);
            trust.issue(roots, now.plus(next.life()));
            certificate = next;
            problem = "";
            LOG.info("certificate of " + next.id() + " from the SPIFFE Workload API, valid until " + next.notAfter());
        } catch (GeneralSecurityException e) {
            problem = "the SPIFFE Workload API's answer cannot be used: " + e.getMessage();
            LOG.warning(problem);
        }
        publish();
    }

    void notProvided(String line) {
        if (!line.equals(problem)) {
            LOG.warning(line);
        }
        problem = line;
        publish();
    }

    private void failed(String line) {
        failuresInARow++;
        problem = line;
        counts = new IdentityState.Counts(counts.requests(), counts.failures() + 1, counts.retries(), counts.latencyMillis());
        Duration delay = parts.schedule().retry(failuresInARow);
        nextAttempt = clock.instant().plus(delay);
        LOG.warning("CSR signing failed: " + line + ". Will retry in " + GoDuration.text(delay));
        publish();
    }

    private void sound(Instant now) {
        if (certificate == null) {
            return;
        }
        // At half of the life the next one is just being asked for: nothing to be told unless that fails.
        boolean quiet = parts.authority() != null && problem.isEmpty() && !certificate.expired(now);
        ExpiryAlarm.Line line = quiet ? null : alarm.look(certificate, currentProblem(), now);
        if (line != null) {
            LOG.log(line.level(), line.text());
            publish();
        }
    }

    private String currentProblem() {
        return problem.isEmpty() ? disk.refused() : problem;
    }

    private void publish() {
        String roots = trust.pem();
        Secret.Validation validation = roots.isEmpty() ? null : new Secret.Validation(
                Bytes.utf8(roots), null, List.of(), disk.crl(), List.of(), List.of(), false, false);
        state = new IdentityState(certificate, validation, currentProblem(), nextAttempt, counts);
        publish.accept(state);
    }
}
