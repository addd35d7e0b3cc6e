package dev.outrider.proxy.identity.credential;

import dev.outrider.proxy.identity.files.FileModes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A token file, the first of several places that has one. */
public record FileToken(List<Path> places, FileModes modes) implements TokenSource {

    @Override
    public @Nullable Token token() throws CredentialException {
        for (Path place : places) {
            if (Files.exists(place)) {
                String loose = modes.fault(place);
                if (loose != null) {
                    throw new CredentialException("token " + loose);
                }
                return Token.of(read(place), "token " + place);
            }
        }
        return null;
    }

    private static String read(Path place) throws CredentialException {
        try (var in = Files.newInputStream(place)) {
            return new String(in.readNBytes(Token.MAX_LENGTH + 2), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new CredentialException("token " + place + " cannot be read by this user (" + e.getClass().getSimpleName()
                    + "): chown it to the user that Outrider runs as, mode 0600");
        }
    }

    @Override
    public List<Path> files() {
        return places;
    }

    @Override
    public String described() {
        return places.stream().map(Path::toString).collect(Collectors.joining(" or "));
    }
}
