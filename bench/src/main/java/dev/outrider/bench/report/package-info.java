/** What a run leaves: Markdown with median, minimum and maximum of each figure and of its ratio, and a plot. */
@NullMarked
package dev.outrider.bench.report;

import org.jspecify.annotations.NullMarked;
