package dev.outrider.xds.bootstrap;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a bootstrap file.
 *
 * @param value null exactly when there are errors
 * @param errors one line each, naming the file and the field
 * @param ignored observing extensions without effect
 */
public record LoadedBootstrap(@Nullable Bootstrap value, List<String> errors, List<String> ignored) {}
