package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import seer.model.Backends;

/// On the processor a session's prompts use the same memory one after the other, and see nothing of each other.
class SpareArraysTest {
    private static final int LENGTH = 1 << 20;

    private Backend backend;
    private Arena session;

    @BeforeEach
    void open() {
        backend = Backends.cpu(1);
        session = backend.arena("its session", 0);
    }

    @AfterEach
    void close() {
        backend.close();
    }

    private static long allocated(Runnable work) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void prompt(Arena outer, float first) {
        try (Arena prompt = outer.within("its prompt")) {
            Tensor zeros = prompt.allocate(LENGTH);
            float[] values = zeros.download();
            assertArrayEquals(new float[LENGTH], values);
            Arrays.fill(values, first);
            Tensor other = prompt.take(values, LENGTH);
            try (Arena layer = prompt.within("the layer")) {
                assertEquals(4 * LENGTH, layer.upload(values, LENGTH).download().length * 4);
            }
            assertEquals(first, other.download()[LENGTH - 1]);
            assertEquals(8L * LENGTH, prompt.bytes());
        }
    }

    @Test
    void theNextPromptTakesWhatTheLastOneLeft() {
        assertTrue(allocated(() -> session.within("a prompt").allocate(LENGTH)) >= 4 * LENGTH);
        session.close();
        session = backend.arena("another session", 0);
        try (Arena prompt = session.within("a prompt")) {
            assertTrue(allocated(() -> prompt.allocate(LENGTH)) >= 4 * LENGTH, "a session leaves nothing to the next");
        }
        for (int i = 0; i < 5; i++) {
            try (Arena prompt = session.within("a prompt")) {
                assertTrue(allocated(() -> prompt.room(LENGTH)) < LENGTH, "its first");
                assertTrue(allocated(() -> prompt.room(LENGTH)) < LENGTH == i > 0, "its second");
            }
        }
        assertEquals(0, session.bytes());
    }

    @Test
    void whatIsAskedForIsZerosAndNobodyElses() {
        for (int i = 1; i < 4; i++) {
            prompt(session, i);
        }
        try (Arena one = session.within("one"); Arena two = session.within("two")) {
            Tensor first = one.upload(ones(), LENGTH);
            assertArrayEquals(new float[LENGTH], two.allocate(LENGTH).download());
            assertArrayEquals(ones(), first.download());
        }
    }

    private static float[] ones() {
        var ones = new float[LENGTH];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Test
    void aTensorOfAPromptThatIsClosedIsUnusable() {
        Arena prompt = session.within("its prompt");
        Tensor x = prompt.allocate(LENGTH);
        prompt.close();
        session.within("the next prompt").allocate(LENGTH);
        assertThrows(IllegalStateException.class, x::download);
    }
}
