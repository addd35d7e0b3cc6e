package dev.outrider.proxy.identity.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/** What a file looks like from outside; another stamp = read it again. The real path is part of it, so that a swapped symbolic link counts. */
record FileStamp(String real, FileTime modified, long size, @Nullable Object key) {

    /** Null when there is no such file. */
    static @Nullable FileStamp of(Path path) {
        try {
            Path real = path.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new FileStamp(real.toString(), attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (IOException e) {
            return null;
        }
    }
}
