package dev.outrider.proxy.failure;

/**
 * Why a connection or request did not go through. Carries no stack trace; born where it is detected, recorded once at the end.
 *
 * @param flag Envoy's flag
 * @param source whose fault it was
 * @param retrySafe whether nothing of the request can have had an effect upstream
 * @param details text for %RESPONSE_CODE_DETAILS% or %CONNECTION_TERMINATION_DETAILS%
 */
public record Failure(ResponseFlag flag, Source source, boolean retrySafe, String details) {

    public enum Source { DOWNSTREAM, UPSTREAM, CONTROL_PLANE, INTERNAL }
}
