package dev.outrider.proxy.failure;

/** Envoy's response flags (%RESPONSE_FLAGS%), in the order in which Envoy prints several. */
public enum ResponseFlag {
    LH("FailedLocalHealthCheck"),
    UH("NoHealthyUpstream"),
    UT("UpstreamRequestTimeout"),
    LR("LocalReset"),
    UR("UpstreamRemoteReset"),
    UF("UpstreamConnectionFailure"),
    UC("UpstreamConnectionTermination"),
    UO("UpstreamOverflow"),
    NR("NoRouteFound"),
    DI("DelayInjected"),
    FI("FaultInjected"),
    RL("RateLimited"),
    UAEX("UnauthorizedExternalService"),
    RLSE("RateLimitServiceError"),
    DC("DownstreamConnectionTermination"),
    URX("UpstreamRetryLimitExceeded"),
    SI("StreamIdleTimeout"),
    IH("InvalidEnvoyRequestHeaders"),
    DPE("DownstreamProtocolError"),
    UMSDR("UpstreamMaxStreamDurationReached"),
    RFCF("ResponseFromCacheFilter"),
    NFCF("NoFilterConfigFound"),
    DT("DurationTimeout"),
    UPE("UpstreamProtocolError"),
    NC("NoClusterFound"),
    OM("OverloadManagerTerminated"),
    DF("DnsResolutionFailed"),
    DO("DropOverload"),
    DR("DownstreamRemoteReset"),
    UDO("UnconditionalDropOverload");

    private final String longName;

    ResponseFlag(String longName) {
        this.longName = longName;
    }

    /** As in %RESPONSE_FLAGS_LONG%. */
    public String longName() {
        return longName;
    }

    public long bit() {
        return 1L << ordinal();
    }
}
