package dev.outrider.proxy.datapath.protocol;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class IdleClosingTest {

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final IdleClosing closing = new IdleClosing(channel.eventLoop());
    private final List<Long> closed = new ArrayList<>();

    private final class Connection implements IdleClosing.Leaving {
        private final long idleSince;
        private boolean idle = true;

        Connection(long idleSince) {
            this.idleSince = idleSince;
        }

        @Override
        public boolean idle() {
            return idle;
        }

        @Override
        public long idleSince() {
            return idleSince;
        }

        @Override
        public void close() {
            idle = false;
            closed.add(idleSince);
        }
    }

    private void step() {
        channel.advanceTimeBy(10, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void thoseIdleForLongestGoFirstAFewAtATime() {
        List<Connection> all = new ArrayList<>(IntStream.range(0, 700).mapToObj(age -> new Connection(Long.MAX_VALUE + age)).toList());
        Collections.shuffle(all, new Random(1));
        all.forEach(closing::add);
        assertEquals(List.of(), closed);
        for (int i = 0; i < 150; i++) {
            int before = closed.size();
            step();
            assertTrue(closed.size() - before <= 5, closed.size() + " after step " + i);
        }
        assertEquals(IntStream.range(0, 700).mapToObj(age -> Long.MAX_VALUE + age).toList(), closed);
    }

    @Test
    void oneThatIsUsedMeanwhileIsLeftToItsAnswer() {
        Connection used = new Connection(1);
        closing.add(used);
        closing.add(new Connection(2));
        used.idle = false;
        step();
        step();
        assertEquals(List.of(2L), closed);
    }

    @Test
    void whoComesLaterIsClosedToo() {
        closing.add(new Connection(1));
        step();
        closing.add(new Connection(2));
        step();
        assertEquals(List.of(1L, 2L), closed);
    }
}
