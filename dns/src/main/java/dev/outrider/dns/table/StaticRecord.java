package dev.outrider.dns.table;

/**
 * A record from the configuration file: what used to be a line in /etc/hosts. Wins over the mesh's table.
 *
 * @param name full name, may begin with {@code *.}
 * @param type A, AAAA, CNAME or TXT
 * @param value an address, a name, or text of at most 255 bytes
 */
public record StaticRecord(String name, String type, String value) {}
