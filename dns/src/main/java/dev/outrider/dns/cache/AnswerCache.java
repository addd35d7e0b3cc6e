package dev.outrider.dns.cache;

import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.UpstreamAnswer;
import dev.outrider.dns.wire.UpstreamQuestion;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whole answers by question, least recently used first out once the byte bound is reached. An expired answer stays for an hour as
 * long as there is room (RFC 8767). A new answer replaces the old one whole, so no part outlives its own TTL. Found without
 * allocation. Confined to the DNS loop.
 */
public final class AnswerCache {

    /** Longest time past expiry that an answer may still be served when nobody answers. */
    private static final long STALE_NANOS = 3600L * 1_000_000_000L;

    /** How long a failure to refresh keeps later clients from waiting for another (RFC 8767 §5, failure recheck timer). */
    private static final long RECHECK_NANOS = 30_000_000_000L;

    /** Objects and links of an entry, measured roughly with a heap histogram. */
    private static final long ENTRY_OVERHEAD = 200;

    /** One cached answer. */
    public static final class Entry {
        private final UpstreamQuestion question;
        private final UpstreamAnswer answer;
        private final String resolver;
        private final long storedNanos;
        private @Nullable Entry chain;
        private Entry newer = this;
        private Entry older = this;
        private int hits;
        private boolean refreshing;
        private boolean failed;
        private long failedNanos;

        Entry(UpstreamQuestion question, UpstreamAnswer answer, String resolver, long storedNanos) {
            this.question = question;
            this.answer = answer;
            this.resolver = resolver;
            this.storedNanos = storedNanos;
        }

        public UpstreamQuestion question() {
            return question;
        }

        public UpstreamAnswer answer() {
            return answer;
        }

        /** Who gave it. */
        public String resolver() {
            return resolver;
        }

        public int ageSeconds(long now) {
            return (int) ((now - storedNanos) / 1_000_000_000L);
        }

        public boolean fresh(long now) {
            return now - storedNanos < 1_000_000_000L * answer.ttlSeconds();
        }

        /** Asked more than once and in the last tenth of a life of at least ten seconds; true once only. */
        public boolean wantsRefresh(long now) {
            int ttl = answer.ttlSeconds();
            if (refreshing || hits < 2 || ttl < 10 || (ttl - ageSeconds(now)) * 10 > ttl) {
                return false;
            }
            refreshing = true;
            return true;
        }

        /** Nobody answered when it was to be fetched anew. */
        public void refreshFailed(long now) {
            failed = true;
            failedNanos = now;
        }

        /** Whether it is served without another try to fetch it. */
        public boolean failedLately(long now) {
            return failed && now - failedNanos < RECHECK_NANOS;
        }

        long byteCount() {
            return ENTRY_OVERHEAD + question.name().length + answer.byteCount();
        }
    }

    private final long maxBytes;
    private final @Nullable Entry[] buckets;
    private final int mask;
    private final Entry ends;
    private long bytes;
    private int size;

    /** @param maxBytes 0 switches the cache off */
    public AnswerCache(long maxBytes) {
        this.maxBytes = maxBytes;
        int wanted = (int) Math.min(Math.max(16, maxBytes / (ENTRY_OVERHEAD + 100)), 1 << 16);
        int capacity = Integer.highestOneBit(wanted - 1) * 2;
        buckets = new Entry[capacity];
        mask = capacity - 1;
        UpstreamQuestion nobody = UpstreamQuestion.of(new byte[0], 0);
        ends = new Entry(nobody, UpstreamAnswer.NOTHING, "", 0);
    }

    /** The answer to this question, fresh or stale but not older than may be served at all. */
    public @Nullable Entry get(Query query, long now) {
        int hash = UpstreamQuestion.hashOf(query);
        for (Entry entry = buckets[slot(hash)]; entry != null; entry = entry.chain) {
            if (entry.question.hashCode() == hash && entry.question.matches(query)) {
                return touch(entry, now);
            }
        }
        return null;
    }

    public @Nullable Entry get(UpstreamQuestion question, long now) {
        Entry entry = find(question);
        return entry == null ? null : touch(entry, now);
    }

    private @Nullable Entry touch(Entry entry, long now) {
        if (now - entry.storedNanos > 1_000_000_000L * entry.answer.ttlSeconds() + STALE_NANOS) {
            remove(entry);
            return null;
        }
        entry.hits++;
        unlink(entry);
        linkNewest(entry);
        return entry;
    }

    public void put(UpstreamQuestion question, UpstreamAnswer answer, String resolver, long now) {
        if (answer.ttlSeconds() == 0) {
            // A failure: what was known before may still have to be served.
            return;
        }
        Entry old = find(question);
        if (old != null) {
            remove(old);
        }
        Entry entry = new Entry(question, answer, resolver, now);
        if (entry.byteCount() > maxBytes / 4) {
            return;
        }
        int slot = slot(question.hashCode());
        entry.chain = buckets[slot];
        buckets[slot] = entry;
        linkNewest(entry);
        size++;
        bytes += entry.byteCount();
        while (bytes > maxBytes) {
            remove(ends.newer);
        }
    }

    private @Nullable Entry find(UpstreamQuestion question) {
        Entry entry = buckets[slot(question.hashCode())];
        while (entry != null && !entry.question.equals(question)) {
            entry = entry.chain;
        }
        return entry;
    }

    private int slot(int hash) {
        return (hash ^ hash >>> 16) & mask;
    }

    private void remove(Entry gone) {
        int slot = slot(gone.question.hashCode());
        Entry entry = buckets[slot];
        if (entry == gone) {
            buckets[slot] = gone.chain;
        } else {
            while (entry != null && entry.chain != gone) {
                entry = entry.chain;
            }
            if (entry != null) {
                entry.chain = gone.chain;
            }
        }
        unlink(gone);
        size--;
        bytes -= gone.byteCount();
    }

    private static void unlink(Entry entry) {
        entry.older.newer = entry.newer;
        entry.newer.older = entry.older;
    }

    private void linkNewest(Entry entry) {
        entry.newer = ends;
        entry.older = ends.older;
        ends.older.newer = entry;
        ends.older = entry;
    }

    public void clear() {
        while (ends.newer != ends) {
            remove(ends.newer);
        }
    }

    public long bytes() {
        return bytes;
    }

    public int size() {
        return size;
    }

    /** Entries, newest first, at most {@code limit}: for the dump. */
    public List<Entry> newest(int limit) {
        List<Entry> list = new ArrayList<>();
        for (Entry entry = ends.older; entry != ends && list.size() < limit; entry = entry.older) {
            list.add(entry);
        }
        return list;
    }
}
