package dev.outrider.proxy.intercept.resolver;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The ways in which a machine can be made to ask the shim. */
public enum ResolverMode {
    /** Packets to the resolvers in use go to the shim; no program notices. */
    REDIRECT,
    /** systemd-resolved asks the shim for the mesh's zones alone. */
    RESOLVED_LINK,
    /** The same by a file, which outlives a reboot. */
    RESOLVED_DROPIN,
    /** The shim is the first server of resolv.conf. */
    RESOLVCONF,
    NONE;

    /** As it is written in settings: {@code resolved-link}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Throws IllegalArgumentException that lists the words there are. */
    public static ResolverMode parse(String word) {
        for (ResolverMode mode : values()) {
            if (mode.word().equals(word)) {
                return mode;
            }
        }
        String words = Arrays.stream(values()).map(ResolverMode::word).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("'" + word + "' is no way to use the DNS shim; it is one of " + words);
    }
}
