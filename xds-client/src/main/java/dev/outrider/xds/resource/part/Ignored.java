package dev.outrider.xds.resource.part;

/** An extension that was accepted without effect because it only observes. */
public record Ignored(String name, String typeUrl) {}
