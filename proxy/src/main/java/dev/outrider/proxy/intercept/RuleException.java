package dev.outrider.proxy.intercept;

import java.util.Locale;

/** A rule tool is missing, hung or refused what it was given. The message is for the operator. */
public final class RuleException extends Exception {
    private static final long serialVersionUID = 1L;

    public RuleException(String message) {
        super(message, null, false, false);
    }

    public static RuleException refused(String tool, RuleRunner.Result result) {
        String said = result.err().isBlank() ? "exit status " + result.exit() : result.err().strip();
        String lower = said.toLowerCase(Locale.ROOT);
        String remedy = "";
        if (lower.contains("not permitted") || lower.contains("must be root") || lower.contains("permission denied")) {
            remedy = "; run it as root (it needs CAP_NET_ADMIN)";
        } else if (lower.contains("no such file or directory") || lower.contains("not supported") || lower.contains("missing kernel module")) {
            remedy = "; a kernel module may be missing: modprobe -a nf_tables nft_ct nft_redir nft_fib_inet nft_tproxy xt_REDIRECT xt_owner xt_TPROXY";
        }
        return new RuleException(tool + " refused: " + said + remedy);
    }
}
