/**
 * Which of the machine's connections pass through Outrider. The operator's settings become an {@link dev.outrider.proxy.intercept.plan.InterceptionPlan}
 * (typed and checked), the plan becomes a {@link dev.outrider.proxy.intercept.RuleSet}, and that is printed for nftables or for iptables by printers that
 * decide nothing, so that both mean the same. {@link dev.outrider.proxy.intercept.Interceptor} installs, checks and removes it.
 *
 * <p>Semantics follow Istio's rules for machines, with these differences: rules are in front of docker's; only packets for this machine itself are
 * captured inbound (not what it forwards); SSH, Istio's own ports and the cloud's metadata address are never captured, whatever the settings say; the
 * tunnel port 15008 is left alone with TPROXY as well; replies to queries of excluded groups stay in one conntrack zone; IPv6 is either captured
 * whole or left alone whole. UDP other than DNS is never captured, so DHCP and NTP are not touched.
 *
 * <p>Runs in short-lived commands as root, never in the proxy process.
 */
@NullMarked
package dev.outrider.proxy.intercept;

import org.jspecify.annotations.NullMarked;
