package dev.outrider.dns;

import dev.outrider.dns.wire.MessageText;
import dev.outrider.dns.wire.Rcode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Hand-made messages, written without the code under test. */
public final class Packets {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public static byte[] query(int id, String name, int type) {
        return new Packets().header(id, 0x0100, 1, 0, 0, 0).name(name).u16(type).u16(1).bytes();
    }

    /** With an OPT record of this buffer size and flags. */
    public static byte[] ednsQuery(int id, String name, int type, int udpSize, int flags) {
        return new Packets().header(id, 0x0100, 1, 0, 0, 1).name(name).u16(type).u16(1).opt(udpSize, 0, flags).bytes();
    }

    public Packets opt(int udpSize, int version, int flags, int... options) {
        out.write(0);
        u16(41).u16(udpSize);
        out.write(0);
        out.write(version);
        u16(flags).u16(options.length);
        for (int b : options) {
            out.write(b);
        }
        return this;
    }

    public Packets header(int id, int flags, int questions, int answers, int authorities, int additionals) {
        return u16(id).u16(flags).u16(questions).u16(answers).u16(authorities).u16(additionals);
    }

    public Packets name(String dotted) {
        if (!dotted.isEmpty()) {
            for (String label : dotted.split("\\.", -1)) {
                out.write(label.length());
                out.writeBytes(label.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        out.write(0);
        return this;
    }

    public Packets u16(int value) {
        out.write(value >>> 8);
        out.write(value);
        return this;
    }

    public Packets u32(long value) {
        return u16((int) (value >>> 16)).u16((int) value);
    }

    public Packets raw(int... values) {
        for (int value : values) {
            out.write(value);
        }
        return this;
    }

    public Packets raw(byte[] values) {
        out.writeBytes(values);
        return this;
    }

    public byte[] bytes() {
        return out.toByteArray();
    }

    /** The question section of a query without EDNS, or with an OPT of eleven bytes. */
    public static byte[] question(byte[] query) {
        int at = 12;
        while (query[at] != 0) {
            at += 1 + query[at];
        }
        return Arrays.copyOfRange(query, 12, at + 5);
    }

    public static String questionName(byte[] query) {
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (query[at] != 0) {
            name.append(name.isEmpty() ? "" : ".").append(new String(query, at + 1, query[at], StandardCharsets.ISO_8859_1));
            at += 1 + query[at];
        }
        return name.toString();
    }

    public static int questionType(byte[] query) {
        byte[] question = question(query);
        return u16(question, question.length - 4);
    }

    /** A reply that repeats the question and gives these A records. */
    public static byte[] answer(byte[] query, int ttl, String... ips) {
        Packets p = new Packets().header(u16(query, 0), 0x8180, 1, ips.length, 0, 0).raw(question(query));
        for (String ip : ips) {
            p.u16(0xC00C).u16(1).u16(1).u32(ttl).u16(4);
            for (String octet : ip.split("\\.", -1)) {
                p.raw(Integer.parseInt(octet));
            }
        }
        return p.bytes();
    }

    /** A reply that gives the question's name another one, and that one an address. */
    public static byte[] alias(byte[] query, String target, String ip) {
        byte[] name = new Packets().name(target).bytes();
        Packets p = new Packets().header(u16(query, 0), 0x8180, 1, 2, 0, 0).raw(question(query))
                .u16(0xC00C).u16(5).u16(1).u32(60).u16(name.length).raw(name)
                .raw(name).u16(1).u16(1).u32(60).u16(4);
        for (String octet : ip.split("\\.", -1)) {
            p.raw(Integer.parseInt(octet));
        }
        return p.bytes();
    }

    /** A reply with only this code (and TC when asked). */
    public static byte[] status(byte[] query, int flags) {
        return new Packets().header(u16(query, 0), 0x8180 | flags, 1, 0, 0, 0).raw(question(query)).bytes();
    }

    public static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    public static boolean flag(byte[] message, int mask) {
        return (u16(message, 2) & mask) != 0;
    }

    public static String rcode(byte[] message) {
        return Rcode.name(message[3] & 0x0F);
    }

    public static List<String> records(byte[] message) {
        return MessageText.records(message);
    }
}
