package seer.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The thread pool of the processor backend.
class CpuThreadsTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void everyTaskRunsOnce(int count) {
        try (var threads = new CpuThreads(count)) {
            for (int tasks : new int[] {0, 1, 2, 100, 1000}) {
                var ran = new AtomicIntegerArray(tasks);
                for (int round = 0; round < 50; round++) {
                    threads.run(tasks, (task, scratch) -> ran.incrementAndGet(task));
                }
                for (int round = 0; round < 50; round++) {
                    threads.runInRows(tasks, (task, scratch) -> ran.incrementAndGet(task));
                }
                for (int task = 0; task < tasks; task++) {
                    assertEquals(100, ran.get(task));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void exceptionsReachTheCallerAndThePoolSurvives(int count) {
        try (var threads = new CpuThreads(count)) {
            var failure = new IllegalArgumentException("task 3");
            assertSame(failure, assertThrows(IllegalArgumentException.class, () -> threads.run(10, (task, scratch) -> {
                if (task == 3) {
                    throw failure;
                }
            })));
            assertSame(failure, assertThrows(IllegalArgumentException.class, () -> threads.runInRows(10,
                    (task, scratch) -> {
                        if (task == 3) {
                            throw failure;
                        }
                    })));
            var ran = new AtomicIntegerArray(10);
            threads.run(10, (task, scratch) -> ran.incrementAndGet(task));
            assertEquals(1, ran.get(9));
        }
    }

    @Test
    void aThreadThatReadsInRowsReadsOn() {
        try (var threads = new CpuThreads(3)) {
            var readers = new AtomicReferenceArray<Thread>(1000);
            threads.runInRows(1000, (task, scratch) -> readers.set(task, Thread.currentThread()));
            int changes = 0;
            for (int task = 1; task < 1000; task++) {
                changes += readers.get(task) == readers.get(task - 1) ? 0 : 1;
            }
            assertTrue(changes < 40, "changed hands " + changes + " times"); // half of what another has left, each time
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void stretchesCoverEveryTaskOnce(int count) {
        try (var threads = new CpuThreads(count)) {
            for (int tasks : new int[] {0, 1, 2, 100, 1000}) {
                var ran = new AtomicIntegerArray(tasks);
                threads.runStretches(tasks, (from, end, scratch) -> {
                    for (int task = from; task < end; task++) {
                        ran.incrementAndGet(task);
                    }
                });
                for (int task = 0; task < tasks; task++) {
                    assertEquals(1, ran.get(task));
                }
            }
        }
    }

    @Test
    void aClosedPoolRefusesWork() {
        var threads = new CpuThreads(2);
        threads.close();
        assertThrows(IllegalStateException.class, () -> threads.run(1, (task, scratch) -> { }));
    }
}
