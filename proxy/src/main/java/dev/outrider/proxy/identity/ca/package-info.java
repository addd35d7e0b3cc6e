/**
 * Asking a mesh CA to sign: a new key and its CSR, the call {@code istio.v1.auth.IstioCertificateService/CreateCertificate}, what comes back, and what
 * every refusal means for the operator. The identity thread makes requests; answers complete on gRPC's.
 */
@NullMarked
package dev.outrider.proxy.identity.ca;

import org.jspecify.annotations.NullMarked;
