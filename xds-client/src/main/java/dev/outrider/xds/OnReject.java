package dev.outrider.xds;

/** What becomes of a listener, route configuration or cluster whose update is refused. */
public enum OnReject {

    /** Its last version serves on, with whatever policy that has: the health state {@code policy-not-applied}. The default, as in Envoy. */
    KEEP,

    /** It stops serving until a version is accepted: no traffic rather than traffic by an old policy. */
    CLOSE
}
