package dev.outrider.dns.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Renders a well-formed message, one of our own making, for people. Pure; throws IndexOutOfBoundsException on other bytes. */
public final class MessageText {

    private final byte[] message;
    private int at;

    private MessageText(byte[] message) {
        this.message = message;
    }

    /** The response code with its upper bits from OPT. */
    public static int rcode(byte[] message) {
        return message[3] & 0x0F;
    }

    /** Records of answer and authority sections as {@code name ttl type data}. */
    public static List<String> records(byte[] message) {
        MessageText text = new MessageText(message);
        int records = FlatRecords.u16(message, 6) + FlatRecords.u16(message, 8);
        text.at = Query.HEADER;
        if (FlatRecords.u16(message, 4) == 1) {
            String question = text.name();
            text.at += question.isEmpty() ? 0 : 4;
        }
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            lines.add(text.record());
        }
        return lines;
    }

    private String record() {
        String owner = name();
        int type = u16();
        at += 2;
        int ttl = FlatRecords.u32(message, at);
        at += 4;
        int length = u16();
        int end = at + length;
        String data = data(type, end);
        at = end;
        return owner + " " + ttl + " " + RecordType.name(type) + " " + data;
    }

    private String data(int type, int end) {
        return switch (type) {
            case RecordType.A, RecordType.AAAA -> address(end - at);
            case RecordType.CNAME, RecordType.NS, RecordType.PTR, RecordType.DNAME -> name();
            case RecordType.MX -> u16() + " " + name();
            case RecordType.SRV -> u16() + " " + u16() + " " + u16() + " " + name();
            case RecordType.SOA -> name() + " " + name() + " " + Integer.toUnsignedString(FlatRecords.u32(message, at));
            case RecordType.TXT, RecordType.HINFO -> strings(end);
            default -> "\\# " + (end - at) + " " + HexFormat.of().formatHex(message, at, end);
        };
    }

    private String address(int length) {
        StringBuilder text = new StringBuilder();
        if (length == 4) {
            for (int i = 0; i < 4; i++) {
                text.append(i == 0 ? "" : ".").append(message[at + i] & 0xFF);
            }
        } else {
            for (int i = 0; i < 16; i += 2) {
                text.append(i == 0 ? "" : ":").append(Integer.toHexString(FlatRecords.u16(message, at + i)));
            }
        }
        return text.toString();
    }

    private String strings(int end) {
        StringBuilder text = new StringBuilder();
        while (at < end) {
            int length = message[at++] & 0xFF;
            text.append(text.isEmpty() ? "\"" : " \"").append(new String(message, at, length, StandardCharsets.ISO_8859_1)).append('"');
            at += length;
        }
        return text.toString();
    }

    private String name() {
        byte[] labels = new byte[WireName.MAX_LENGTH];
        int length = 0;
        int i = at;
        boolean jumped = false;
        while (message[i] != 0) {
            if ((message[i] & 0xC0) == 0xC0) {
                if (!jumped) {
                    at = i + 2;
                }
                jumped = true;
                i = FlatRecords.u16(message, i) & 0x3FFF;
            } else {
                int label = message[i] + 1;
                System.arraycopy(message, i, labels, length, label);
                length += label;
                i += label;
            }
        }
        if (!jumped) {
            at = i + 1;
        }
        return WireName.text(labels, 0, length);
    }

    private int u16() {
        at += 2;
        return FlatRecords.u16(message, at - 2);
    }
}
