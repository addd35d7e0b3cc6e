package dev.outrider.proxy.identity.ca;

import dev.outrider.proxy.identity.ca.CaException.Kind;
import io.grpc.Status;
import io.netty.handler.ssl.NotSslRecordException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Says what a failed call means: one line that names the CA, the fault and the remedy. Pure. */
record CaDiagnosis(CaAddress address, CaSettings settings, CaCredentials credentials, Clock clock) {

    CaException of(Status status) {
        String said = status.getDescription() == null ? "" : " (it says: " + shorten(status.getDescription()) + ")";
        return switch (status.getCode()) {
            case UNAUTHENTICATED -> failure(Kind.UNAUTHENTICATED, "does not accept " + credentials.described() + said
                    + ": make a new token for this machine (istioctl x workload entry configure, or kubectl create token --audience istio-ca)"
                    + " and check that ISTIO_META_CLUSTER_ID '" + settings.clusterId() + "' is the cluster's name");
            case PERMISSION_DENIED -> failure(Kind.DENIED, "knows us but does not sign for " + settings.spiffeId() + said
                    + ": check SERVICE_ACCOUNT, POD_NAMESPACE and TRUST_DOMAIN in cluster.env against the token's service account");
            case UNIMPLEMENTED -> failure(Kind.NO_SUCH_SERVICE, "has no istio.v1.auth.IstioCertificateService: it knows only HandleCSR of Istio 1.0 and before,"
                    + " or is no CA at all" + said + ": set CA_ADDR to a CA of Istio 1.1 or later");
            case DEADLINE_EXCEEDED -> failure(Kind.UNREACHABLE, "did not answer in time" + said
                    + ": check that nothing on the way drops connections to port " + address.port());
            case UNAVAILABLE -> unavailable(status, said);
            default -> failure(Kind.OTHER, "answered " + status.getCode() + said);
        };
    }

    private CaException unavailable(Status status, String said) {
        Throwable cause = status.getCause();
        CertPathValidatorException path = find(cause, CertPathValidatorException.class);
        CertificateException certificate = find(cause, CertificateException.class);
        String faulty = certificate != null ? shorten(certificate) : path != null ? shorten(path) : "";
        if (path != null && (path.getReason() == BasicReason.EXPIRED || path.getReason() == BasicReason.NOT_YET_VALID)) {
            return failure(Kind.CLOCK, "shows a certificate that is not valid now: " + faulty
                    + "; here it is " + clock.instant() + ": set this machine's clock (timedatectl status), or renew the CA's certificate");
        }
        if (!faulty.isEmpty()) {
            return failure(Kind.UNTRUSTED, "is not trusted: " + faulty + "; roots are those of "
                    + (settings.roots() == null ? "the system" : settings.roots()) + ": copy the mesh's present root-cert.pem there"
                    + " (kubectl get configmap istio-ca-root-cert), or set OUTRIDER_CA_SAN to the name that it has");
        }
        if (find(cause, NotSslRecordException.class) != null) {
            return failure(Kind.NOT_TLS, "speaks plaintext: use its TLS port (15012), or :15010 without TLS");
        }
        if (find(cause, UnknownHostException.class) != null || said.contains("Unable to resolve host")) {
            return failure(Kind.UNREACHABLE, "has a name that does not resolve: add '" + address.host()
                    + "' with the gateway's address to /etc/hosts, or set CA_ADDR to IP:PORT and OUTRIDER_CA_SAN to " + address.host());
        }
        ConnectException refused = find(cause, ConnectException.class);
        if (refused != null) {
            return failure(Kind.UNREACHABLE, "is not reachable (" + shorten(refused) + "): check address, port and firewalls");
        }
        SSLException tls = find(cause, SSLException.class);
        if (tls != null && String.valueOf(tls.getMessage()).toLowerCase(Locale.ROOT).contains("alert")) {
            return failure(Kind.UNAUTHENTICATED, "refuses our handshake (" + shorten(tls) + ") with " + credentials.described()
                    + ": the certificate may be of another mesh, or expired by its clock");
        }
        return failure(Kind.UNREACHABLE, "is not available" + (tls == null ? said : " (" + shorten(tls) + ")"));
    }

    private CaException failure(Kind kind, String text) {
        return new CaException(kind, "CA " + address + " " + text);
    }

    private static <T extends Throwable> @Nullable T find(@Nullable Throwable from, Class<T> type) {
        int depth = 0;
        for (Throwable at = from; at != null && depth < 16; at = at.getCause(), depth++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
        }
        return null;
    }

    private static String shorten(Object text) {
        String all = (text instanceof Throwable t ? String.valueOf(t.getMessage()) : String.valueOf(text)).replaceAll("\\s+", " ");
        return all.length() <= 300 ? all : all.substring(0, 297) + "...";
    }
}
