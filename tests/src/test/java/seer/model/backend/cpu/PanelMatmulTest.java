package seer.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How the rows of a product are shared out.
class PanelMatmulTest {
    private static final int INPUTS = 64;

    @ParameterizedTest
    @CsvSource({"512, 1", "512, 9", "257, 3", "65, 9", "1000, 2"})
    void aThreadThatIsHeldUpHoldsUpOnlyWhatItHasTaken(int rows, int panels) {
        long all = (long) rows * panels * Lanes.PANEL;
        var first = new AtomicBoolean(true);
        var done = new AtomicLong();
        var taken = new AtomicLong();
        var rest = new CountDownLatch(1);
        var inTime = new AtomicBoolean(true);
        try (var threads = new CpuThreads(2)) {
            PanelMatmul.run(threads, new float[rows * INPUTS], rows, null, matrix(panels), (row, count, column, columns,
                    tile) -> {
                if (first.getAndSet(false)) { // waits for all that the other thread can get at
                    taken.set((long) count * columns);
                    inTime.set(await(rest));
                } else if (done.addAndGet((long) count * columns) >= all * 6 / 10) {
                    rest.countDown();
                }
            });
        }
        assertTrue(inTime.get(), "the other thread came to " + done.get() + " of " + all + " results");
        assertEquals(all, done.get() + taken.get());
    }

    @ParameterizedTest
    @CsvSource({"16, 1, 1", "65, 3, 2", "257, 2, 5", "1000, 1, 3", "48, 20, 2"})
    void everyResultComesOnce(int rows, int panels, int count) {
        var seen = new AtomicIntegerArray(rows * panels);
        var broken = new AtomicInteger();
        try (var threads = new CpuThreads(count)) {
            PanelMatmul.run(threads, new float[rows * INPUTS], rows, null, matrix(panels), (row, some, column, columns,
                    tile) -> {
                for (int t = 0; t < some; t++) {
                    seen.incrementAndGet((row + t) * panels + column / Lanes.PANEL);
                }
                broken.addAndGet(columns == Lanes.PANEL ? 0 : 1);
            });
        }
        assertEquals(0, broken.get());
        for (int i = 0; i < seen.length(); i++) {
            assertEquals(1, seen.get(i));
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static CpuMatrix matrix(int panels) {
        var each = new Panel[panels];
        for (int p = 0; p < panels; p++) {
            each[p] = new FloatPanel(new float[INPUTS * Lanes.PANEL]);
        }
        return new CpuMatrix(null, panels * Lanes.PANEL, INPUTS, each);
    }
}
