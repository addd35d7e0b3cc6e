package dev.outrider.xds.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.part.Ignored;
import dev.outrider.xds.resource.part.Scope;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of parsing one message: a value, or the reasons why there is none. Immutable.
 *
 * @param ignored extensions that were accepted without effect, each once
 * @param reasons empty exactly when there is a value
 */
public record Parsed<T>(@Nullable T value, List<Ignored> ignored, List<String> reasons) {

    public boolean accepted() {
        return value != null;
    }

    /** The value of an accepted one. */
    public T get() {
        if (value == null) {
            throw new NoSuchElementException(reason());
        }
        return value;
    }

    /** All reasons in one line. */
    public String reason() {
        return String.join("; ", reasons);
    }

    static <T> Parsed<T> rejected(String reason) {
        return new Parsed<>(null, List.of(), List.of(reason));
    }

    /** Runs {@code parser} so that whatever the message holds, an answer comes back. */
    static <T> Parsed<T> of(FileSource files, Parser<T> parser) {
        Scope scope = Scope.root(files);
        T value;
        try {
            value = parser.parse(scope);
        } catch (InvalidProtocolBufferException e) {
            return rejected("cannot be decoded: " + e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            return rejected("cannot be parsed: " + e);
        }
        return scope.rejected()
                ? new Parsed<>(null, scope.ignored(), scope.reasons())
                : new Parsed<>(value, scope.ignored(), List.of());
    }

    /** Reads a message in {@code scope}; what it returns counts only when nothing was rejected. */
    @FunctionalInterface
    interface Parser<T> {
        T parse(Scope scope) throws InvalidProtocolBufferException;
    }
}
