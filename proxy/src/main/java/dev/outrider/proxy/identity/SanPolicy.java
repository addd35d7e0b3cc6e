package dev.outrider.proxy.identity;

import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.match.StringMatcher;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Which names a peer may have. Types are never mixed: a {@code spiffe://} matcher is compared with URI names only (Envoy CVE-2022-21656 and its
 * kin), names with control characters match nothing, and a certificate with more than one SPIFFE id has none (SPIFFE X509-SVID §2).
 */
public final class SanPolicy {

    /** One name; {@code type} as in RFC 5280 GeneralName: 1 mail, 2 DNS, 6 URI, 7 IP. */
    public record Name(int type, String text) {}

    static final int MAIL = 1;
    static final int DNS = 2;
    public static final int URI = 6;
    static final int IP = 7;

    private SanPolicy() {}

    public static List<Name> names(X509Certificate certificate) {
        List<Name> all = new ArrayList<>();
        try {
            Collection<List<?>> sans = certificate.getSubjectAlternativeNames();
            if (sans == null) {
                return List.of();
            }
            for (List<?> san : sans) {
                if (san.get(0) instanceof Integer type && san.get(1) instanceof String text && text.chars().noneMatch(c -> c < ' ' || c == 127)) {
                    all.add(new Name(type, text));
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return all;
    }

    public static List<String> texts(List<Name> names, int type) {
        return names.stream().filter(n -> n.type() == type).map(Name::text).toList();
    }

    /** Whether any name meets any matcher; no matchers = every identity of the roots. */
    static boolean allows(List<Secret.San> matchers, List<Name> names) {
        if (matchers.isEmpty()) {
            return true;
        }
        long spiffe = names.stream().filter(n -> n.type() == URI && n.text().startsWith("spiffe://")).count();
        for (Name name : names) {
            if (name.type() == URI && spiffe > 1 && name.text().startsWith("spiffe://")) {
                continue;
            }
            for (Secret.San matcher : matchers) {
                if (comparable(matcher, name) && matcher.matcher().matches(name.text())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean comparable(Secret.San matcher, Name name) {
        return switch (matcher.type()) {
            case EMAIL -> name.type() == MAIL;
            case DNS -> name.type() == DNS;
            case URI -> name.type() == URI;
            case IP -> name.type() == IP;
            case ANY -> isSpiffe(matcher.matcher()) ? name.type() == URI : name.type() == MAIL || name.type() == DNS || name.type() == URI || name.type() == IP;
        };
    }

    private static boolean isSpiffe(StringMatcher matcher) {
        return switch (matcher) {
            case StringMatcher.Exact exact -> exact.value().startsWith("spiffe://");
            case StringMatcher.Prefix prefix -> prefix.value().startsWith("spiffe://");
            case StringMatcher.Suffix suffix -> false;
            case StringMatcher.Contains contains -> false;
            case StringMatcher.Regex regex -> regex.pattern().pattern().startsWith("spiffe://");
        };
    }
}
