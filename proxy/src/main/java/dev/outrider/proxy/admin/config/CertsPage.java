package dev.outrider.proxy.admin.config;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.state.AdminState.CertificateView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /certs}: envoy.admin.v3.Certificates of what is in use. */
public final class CertsPage implements AdminPage {

    private final AdminState state;

    public CertsPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/certs";
    }

    @Override
    public String purpose() {
        return "print certs on machine";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        Map<String, Map<String, Object>> groups = new LinkedHashMap<>();
        Map<String, List<Object>> authorities = new LinkedHashMap<>();
        Map<String, List<Object>> chains = new LinkedHashMap<>();
        List<CertificateView> all = new ArrayList<>(state.certificates());
        state.portIdentities().forEach(identity -> all.addAll(identity.certificates()));
        for (CertificateView certificate : all) {
            groups.computeIfAbsent(certificate.group(), g -> new LinkedHashMap<>());
            (certificate.authority() ? authorities : chains)
                    .computeIfAbsent(certificate.group(), g -> new ArrayList<>()).add(json(certificate));
        }
        groups.forEach((name, group) -> {
            if (authorities.containsKey(name)) {
                group.put("ca_cert", authorities.get(name));
            }
            if (chains.containsKey(name)) {
                group.put("cert_chain", chains.get(name));
            }
        });
        return AdminResponse.json(Map.of("certificates", List.copyOf(groups.values())));
    }

    private static Map<String, Object> json(CertificateView certificate) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("path", certificate.path());
        one.put("serial_number", certificate.serial());
        one.put("subject_alt_names", certificate.sans().stream().map(s -> Map.of(s.kind(), s.value())).toList());
        long days = Math.max(0, Duration.between(Instant.now(), certificate.notAfter()).toDays());
        one.put("days_until_expiration", Long.toString(days));
        one.put("valid_from", certificate.notBefore().toString());
        one.put("expiration_time", certificate.notAfter().toString());
        return one;
    }
}
