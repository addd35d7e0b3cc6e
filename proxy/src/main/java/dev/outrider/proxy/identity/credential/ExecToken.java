package dev.outrider.proxy.identity.credential;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A program that prints a token: any platform's identity, without Outrider knowing it. Run directly, never by a shell, with nothing of our environment but
 * PATH; what it writes to standard error goes to our log when it fails. Blocks: wrap it in a {@link RefreshedToken}.
 */
public record ExecToken(List<String> command, Duration limit) implements TokenSource {

    private static final int MAX_COMPLAINT = 300;

    /** Words are separated by blanks; the first must be an absolute path. Throws IllegalArgumentException with the reason. */
    public static ExecToken of(String commandLine) {
        List<String> words = List.of(commandLine.strip().split("\\s+"));
        if (!words.getFirst().startsWith("/")) {
            throw new IllegalArgumentException("'" + commandLine + "' must be an absolute path, arguments may follow");
        }
        return new ExecToken(words, Duration.ofSeconds(10));
    }

    @Override
    public Token token() throws CredentialException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
        Process process;
        try {
            process = builder.start();
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new CredentialException(described() + " cannot be run: " + e.getMessage());
        }
        try {
            var out = CompletableFuture.supplyAsync(() -> read(process.getInputStream(), Token.MAX_LENGTH + 2));
            var complaint = CompletableFuture.supplyAsync(() -> read(process.getErrorStream(), MAX_COMPLAINT));
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CredentialException(described() + " did not end within " + limit.toSeconds() + " s");
            }
            // One that prints without end fails with what we did to it.
            String text = out.join();
            if (process.exitValue() != 0 && text.length() <= Token.MAX_LENGTH) {
                throw new CredentialException(described() + " failed with " + process.exitValue() + ": " + complaint.join().strip().replaceAll("\\s+", " "));
            }
            return Token.of(text, "what " + described() + " prints");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CredentialException(described() + " was interrupted");
        } catch (CompletionException e) {
            throw new CredentialException(described() + ": " + e.getCause());
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static String read(InputStream in, int most) {
        try (in) {
            return new String(in.readNBytes(most), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public String described() {
        return "token program " + command.getFirst();
    }
}
