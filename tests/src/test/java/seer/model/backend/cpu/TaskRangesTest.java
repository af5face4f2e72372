package seer.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Tasks that threads take from ranges of their own, and from each other's.
class TaskRangesTest {
    @Test
    void threadsBeginWithTheirOwn() {
        var ranges = new TaskRanges(9, 2);
        assertEquals(0, ranges.next(0));
        assertEquals(4, ranges.next(1));
        assertEquals(1, ranges.next(0));
        assertEquals(5, ranges.next(1));
    }

    @Test
    void aThreadThatIsAloneDoesAll() {
        var ranges = new TaskRanges(100, 3);
        var taken = new ArrayList<Integer>();
        for (int task = ranges.next(1); task >= 0; task = ranges.next(1)) {
            taken.add(task);
        }
        assertEquals(100, taken.stream().distinct().count());
        int jumps = 0;
        for (int i = 1; i < 100; i++) {
            jumps += taken.get(i) == taken.get(i - 1) + 1 ? 0 : 1;
        }
        assertTrue(jumps < 14, "jumped " + jumps + " times"); // half of what others have left, each time
    }

    @Test
    void everyTaskIsTakenOnceWhoeverIsSlow() {
        var random = new Random(5);
        for (int round = 0; round < 200; round++) {
            int threads = 1 + random.nextInt(5);
            int tasks = random.nextInt(60);
            var ranges = new TaskRanges(tasks, threads);
            List<Integer> taken = new ArrayList<>();
            int slow = random.nextInt(threads);
            while (taken.size() < tasks) {
                int task = ranges.next(random.nextInt(4) == 0 ? slow : random.nextInt(threads));
                assertTrue(task >= 0, "no task is left of " + tasks + " after " + taken);
                taken.add(task);
            }
            assertEquals(tasks, taken.stream().distinct().count());
            for (int thread = 0; thread < threads; thread++) {
                assertEquals(-1, ranges.next(thread));
            }
        }
    }
}
