package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The token with which a machine without certificate asks for one. Read as data; its signature is the authority's business. */
final class TokenCheck implements Check {

    static final String TOKEN = "/var/run/secrets/tokens/istio-token";

    private static final String NAME = "token";
    private static final Pattern EXPIRY = Pattern.compile("\"exp\"\\s*:\\s*([0-9]{1,12})");

    @Override
    public List<Finding> look(Machine machine) {
        if (!Files.exists(machine.file(TOKEN))) {
            boolean certificate = Files.exists(machine.file(machine.setting("certificates.directory") + "/cert-chain.pem"));
            return List.of(certificate
                    ? Finding.ok(NAME, "none, and none is needed while the certificate is valid")
                    : Finding.error(NAME, machine.file(TOKEN) + " is missing, and there is no certificate either",
                            "make a bundle anew (istioctl x workload entry configure) and copy its istio-token there"));
        }
        String[] parts = machine.text(TOKEN).strip().split("[.]", -1);
        Matcher expiry = parts.length == 3 ? EXPIRY.matcher(payload(parts[1])) : EXPIRY.matcher("");
        if (!expiry.find()) {
            return List.of(Finding.error(NAME, machine.file(TOKEN) + " holds no JSON web token", "copy istio-token from the bundle again, whole"));
        }
        Instant until = Instant.ofEpochSecond(Long.parseLong(expiry.group(1)));
        if (!machine.now().isBefore(until)) {
            return List.of(Finding.warning(NAME, machine.file(TOKEN) + " expired at " + until + "; a certificate that is still valid renews without it",
                    "when there is none: make a bundle anew, tokens live for an hour by default (--tokenDuration)"));
        }
        return List.of(Finding.ok(NAME, "valid until " + until));
    }

    private static String payload(String part) {
        try {
            return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
