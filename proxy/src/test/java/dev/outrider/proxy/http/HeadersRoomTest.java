package dev.outrider.proxy.http;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

class HeadersRoomTest {

    private static final HeaderName NAME = HeaderName.of("x-name");

    @Test
    void roomThatWasLeftServesTheNext() {
        var first = new Headers();
        first.add(NAME, "one");
        byte[] room = first.array();
        first.release();
        assertEquals(0, first.array().length);

        var second = new Headers();
        second.add(NAME, "two");
        assertSame(room, second.array());
        first.add(NAME, "three");
        assertNotSame(room, first.array());
        assertEquals("x-name: two\n", second.toString());
        assertEquals("x-name: three\n", first.toString());
    }

    @Test
    void leavingTwiceGivesOnce() {
        var one = new Headers();
        one.add(NAME, "one");
        one.release();
        one.release();

        var second = new Headers();
        second.add(NAME, "two");
        var third = new Headers();
        third.add(NAME, "three");
        assertNotSame(second.array(), third.array());
    }

    @Test
    void aCopyOfManyFieldsFindsRoomOfAnySize() {
        var many = new Headers();
        for (int i = 0; i < 100; i++) {
            many.add(NAME, "value " + i);
        }
        var small = new Headers();
        small.add(NAME, "before");
        small.copyFrom(many);
        assertEquals(many.toString(), small.toString());
        small.release();

        var next = new Headers();
        next.copyFrom(many);
        assertEquals(many.toString(), next.toString());
    }

    @Test
    void whatIsTooLargeToKeepIsNotKept() {
        var large = new Headers();
        large.add(NAME, "v".repeat(9_000));
        byte[] room = large.array();
        large.release();

        var next = new Headers();
        next.add(NAME, "v");
        assertNotSame(room, next.array());
    }
}
