package dev.outrider.proxy.identity.files;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notices that any of a few files changed. Looks rather than listens: inotify tells nothing of a symbolic link further up that is swapped, nor of
 * network file systems, and a few stats a second cost nothing. A change counts once it rests for one look, so that half-written files are rarely read.
 */
public final class WatchedFiles {

    private final List<Path> paths;
    private List<@Nullable FileStamp> known;
    private List<@Nullable FileStamp> seen;

    public WatchedFiles(List<Path> paths) {
        this.paths = List.copyOf(paths);
        known = stamps();
        seen = known;
    }

    /** Whether they differ from when this was last true (or from the beginning). */
    public boolean changed() {
        List<@Nullable FileStamp> now = stamps();
        boolean rests = now.equals(seen);
        seen = now;
        if (!rests || now.equals(known)) {
            return false;
        }
        known = now;
        return true;
    }

    private List<@Nullable FileStamp> stamps() {
        List<@Nullable FileStamp> all = new ArrayList<>();
        paths.forEach(path -> all.add(FileStamp.of(path)));
        return all;
    }
}
