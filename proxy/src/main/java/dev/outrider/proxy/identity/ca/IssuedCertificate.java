package dev.outrider.proxy.identity.ca;

/** What a CA signed: our key, the chain with the leaf first, and the roots that came along. All in PEM. */
public record IssuedCertificate(String keyPem, String chainPem, String rootsPem) {

    /** Without the key. */
    @Override
    public String toString() {
        return "IssuedCertificate[" + chainPem.length() + ", " + rootsPem.length() + "]";
    }
}
