package dev.outrider.xds.resource.part;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.proto.envoy.config.core.v3.CidrRange;
import dev.outrider.xds.proto.envoy.config.core.v3.DataSource;
import dev.outrider.xds.proto.envoy.config.core.v3.RuntimeFractionalPercent;
import dev.outrider.xds.proto.envoy.config.core.v3.SocketAddress;
import dev.outrider.xds.proto.envoy.type.v3.FractionalPercent;
import dev.outrider.xds.proto.google.protobuf.BoolValue;
import dev.outrider.xds.proto.google.protobuf.Duration;
import dev.outrider.xds.proto.google.protobuf.UInt32Value;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The scalar-like field types of Envoy's messages, each with the checks that Envoy makes. Pure but for {@link #data}. */
public final class Fields {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** google.protobuf.Duration's own bound: ten thousand years. */
    private static final long MAX_SECONDS = 315_576_000_000L;

    private static final Address.Ip NOWHERE = new Address.Ip(InetAddress.getLoopbackAddress(), 0);

    private Fields() {}

    /** Saturates at 292 years, which is what istiod means by "never". */
    public static long nanos(Duration duration, Scope at) {
        long seconds = duration.getSeconds();
        int nanos = duration.getNanos();
        if (seconds < 0 || nanos < 0) {
            at.reject("duration is negative");
            return 0;
        }
        if (seconds > MAX_SECONDS || nanos >= NANOS_PER_SECOND) {
            at.reject("duration is out of range");
            return 0;
        }
        return seconds >= Long.MAX_VALUE / NANOS_PER_SECOND ? Long.MAX_VALUE : seconds * NANOS_PER_SECOND + nanos;
    }

    public static long nanos(boolean present, Duration duration, long otherwise, Scope at) {
        return present ? nanos(duration, at) : otherwise;
    }

    public static long positiveNanos(boolean present, Duration duration, long otherwise, Scope at) {
        long nanos = nanos(present, duration, otherwise, at);
        if (present && nanos == 0) {
            at.reject("duration must be greater than 0");
        }
        return nanos;
    }

    public static long uint32(boolean present, UInt32Value value, long otherwise) {
        return present ? Integer.toUnsignedLong(value.getValue()) : otherwise;
    }

    /** A uint32 that has to lie in [{@code min}, {@code max}]. */
    public static long uint32(boolean present, UInt32Value value, long otherwise, long min, long max, Scope at) {
        return present ? inRange(Integer.toUnsignedLong(value.getValue()), min, max, at) : otherwise;
    }

    public static long inRange(long value, long min, long max, Scope at) {
        if (value < min || value > max) {
            at.reject("value " + value + " is outside " + min + ".." + max);
            return min;
        }
        return value;
    }

    public static boolean bool(boolean present, BoolValue value, boolean otherwise) {
        return present ? value.getValue() : otherwise;
    }

    /** A header name, in lower case. */
    public static String headerName(String name, Scope at) {
        if (name.isEmpty()) {
            at.reject("header name is empty");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c >= 0x7f || (c == ':' && i > 0)) {
                at.reject("'" + name + "' is not a header name");
                break;
            }
        }
        return name.toLowerCase(Locale.ROOT);
    }

    public static String headerValue(String value, Scope at) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\r' || c == '\n' || c == 0) {
                at.reject("header value holds a line end or NUL");
                break;
            }
        }
        return value;
    }

    public static String notEmpty(String value, Scope at) {
        if (value.isEmpty()) {
            at.reject("is empty");
        }
        return value;
    }

    public static Matchers.Fraction fraction(FractionalPercent percent, Scope at) {
        long denominator = switch (percent.getDenominator()) {
            case HUNDRED -> 100;
            case TEN_THOUSAND -> 10_000;
            case MILLION -> 1_000_000;
            case UNRECOGNIZED -> {
                at.at("denominator").reject("unknown value " + percent.getDenominatorValue());
                yield 100;
            }
        };
        return new Matchers.Fraction(Math.min(Integer.toUnsignedLong(percent.getNumerator()), denominator), denominator);
    }

    /** Runtime overrides are not followed: the default counts. */
    public static Matchers.Fraction fraction(RuntimeFractionalPercent percent, Scope at) {
        return fraction(percent.getDefaultValue(), at.at("default_value"));
    }

    public static double percent(boolean present, dev.outrider.xds.proto.envoy.type.v3.Percent percent, double otherwise, Scope at) {
        double value = present ? percent.getValue() : otherwise;
        if (!(value >= 0 && value <= 100)) {
            at.reject("value " + value + " is outside 0..100");
            return otherwise;
        }
        return value;
    }

    public static Cidr cidr(CidrRange range, Scope at) {
        try {
            InetAddress base = Cidr.ipLiteral(range.getAddressPrefix());
            int bits = base.getAddress().length * 8;
            long length = uint32(range.hasPrefixLen(), range.getPrefixLen(), 0);
            if (length > bits) {
                at.at("prefix_len").reject("value " + length + " is outside 0.." + bits);
                return new Cidr(base, bits);
            }
            return masked(base, (int) length);
        } catch (IllegalArgumentException e) {
            at.at("address_prefix").reject(String.valueOf(e.getMessage()));
            return new Cidr(NOWHERE.ip(), 32);
        }
    }

    public static List<Cidr> cidrs(List<CidrRange> ranges, String field, Scope at) {
        List<Cidr> cidrs = new ArrayList<>(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            cidrs.add(cidr(ranges.get(i), at.at(field, i)));
        }
        return List.copyOf(cidrs);
    }

    /** Host bits are cleared, so that equal ranges are equal values. */
    private static Cidr masked(InetAddress base, int length) {
        byte[] bytes = base.getAddress();
        for (int bit = length; bit < bytes.length * 8; bit++) {
            bytes[bit >> 3] &= (byte) ~(0x80 >> (bit & 7));
        }
        try {
            return new Cidr(InetAddress.getByAddress(bytes), length);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** {@code names}: whether a DNS name may stand where an IP address does. */
    public static Address address(dev.outrider.xds.proto.envoy.config.core.v3.Address address, boolean names, Scope at) {
        return switch (address.getAddressCase()) {
            case SOCKET_ADDRESS -> socketAddress(address.getSocketAddress(), names, at.at("socket_address"));
            case PIPE -> new Address.Pipe(notEmpty(address.getPipe().getPath(), at.at("pipe").at("path")));
            case ENVOY_INTERNAL_ADDRESS -> new Address.Internal(
                    address.getEnvoyInternalAddress().getServerListenerName(),
                    address.getEnvoyInternalAddress().getEndpointId());
            case ADDRESS_NOT_SET -> {
                at.reject("address is not set");
                yield NOWHERE;
            }
        };
    }

    private static Address socketAddress(SocketAddress address, boolean names, Scope at) {
        return names && !isIpLiteral(address.getAddress()) && !address.getAddress().isEmpty()
                ? new Address.Named(address.getAddress(), port(address, at))
                : ip(address, at);
    }

    public static Address.Ip ip(SocketAddress address, Scope at) {
        try {
            return new Address.Ip(Cidr.ipLiteral(address.getAddress()), port(address, at));
        } catch (IllegalArgumentException e) {
            at.at("address").reject(String.valueOf(e.getMessage()));
            return NOWHERE;
        }
    }

    private static int port(SocketAddress address, Scope at) {
        if (address.getProtocol() != SocketAddress.Protocol.TCP) {
            at.at("protocol").reject(address.getProtocol() == SocketAddress.Protocol.UDP
                    ? "UDP is not supported" : "unknown value " + address.getProtocolValue());
        }
        if (!address.getNamedPort().isEmpty()) {
            at.at("named_port").reject("named ports are not supported, give port_value");
        }
        return (int) inRange(Integer.toUnsignedLong(address.getPortValue()), 0, 65_535, at.at("port_value"));
    }

    private static boolean isIpLiteral(String text) {
        try {
            Cidr.ipLiteral(text);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The content of a DataSource; an unset one is empty. */
    public static Bytes data(DataSource source, Scope at) {
        return switch (source.getSpecifierCase()) {
            case INLINE_STRING -> Bytes.utf8(source.getInlineString());
            case INLINE_BYTES -> Bytes.wrap(source.getInlineBytes().toByteArray());
            case FILENAME -> file(source.getFilename(), at.at("filename"));
            case ENVIRONMENT_VARIABLE -> {
                String value = at.files().environment(source.getEnvironmentVariable());
                if (value == null) {
                    at.at("environment_variable").reject("'" + source.getEnvironmentVariable() + "' is not set");
                }
                yield Bytes.utf8(value == null ? "" : value);
            }
            case SPECIFIER_NOT_SET -> Bytes.EMPTY;
        };
    }

    private static Bytes file(String path, Scope at) {
        try {
            return at.files().read(notEmpty(path, at));
        } catch (IOException | RuntimeException e) {
            at.reject("cannot read '" + path + "': " + e);
            return Bytes.EMPTY;
        }
    }

    public static void unknownEnum(int number, Scope at) {
        at.reject("unknown value " + number);
    }
}
