package seer.model.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.Backends;
import seer.support.Conformance;
import seer.support.Tornado;

/// Work that a backend may still be at when a call returns: its times, and that nobody reads it too early.
@Conformance
class LapsTest {
    private static final int ROWS = 70;
    private static final int WIDTH = 96;

    private static Backend open(String backend) {
        return backend.equals("cpu") ? Backends.cpu(1) : Tornado.open(ElementType.F32);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "tornado"})
    void partsTakeAsLongAsTheWhole(String name) {
        try (var backend = open(name); var arena = backend.arena("the test", 0)) {
            var draw = new Draw(1);
            Matrix weights = arena.matrix(List.of(Draw.weights(draw.normal(WIDTH * WIDTH, 0.1), WIDTH, WIDTH)));
            Tensor x = arena.upload(draw.normal(ROWS * WIDTH), ROWS, WIDTH);
            Tensor y = arena.allocate(ROWS, WIDTH);
            backend.addProjected(x, ROWS, weights, y);
            backend.await();
            long begin = System.nanoTime();
            Laps laps = backend.laps(3);
            for (int i = 0; i < 3; i++) {
                backend.addProjected(x, ROWS, weights, y);
                laps.lap(i % 2);
            }
            long[] nanos = laps.nanos();
            long whole = System.nanoTime() - begin;
            assertTrue(nanos[0] > 0 && nanos[1] > 0, nanos[0] + " and " + nanos[1]);
            assertEquals(0, nanos[2]);
            assertTrue(nanos[0] + nanos[1] <= whole, nanos[0] + " and " + nanos[1] + " of " + whole);
            assertArrayEquals(nanos, laps.nanos(), "nothing was asked for since");
            laps.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "tornado"})
    void whatIsReadIsDone(String name) {
        try (var backend = open(name); var arena = backend.arena("the test", 0)) {
            var draw = new Draw(2);
            Matrix weights = arena.matrix(List.of(Draw.weights(draw.normal(WIDTH * WIDTH, 0.1), WIDTH, WIDTH)));
            Tensor x = arena.upload(draw.normal(ROWS * WIDTH), ROWS, WIDTH);
            Tensor once = arena.allocate(ROWS, WIDTH);
            backend.addProjected(x, ROWS, weights, once);
            float[] step = once.download();
            Tensor often = arena.allocate(ROWS, WIDTH);
            for (int i = 0; i < 20; i++) { // each with numbers of its own, sent before the one before is done
                backend.addProjected(x, ROWS - i, weights, often);
            }
            float[] sum = often.download();
            for (int at = 0; at < sum.length; at++) {
                int times = Math.min(20, ROWS - at / WIDTH);
                assertEquals(times * step[at], sum[at], 1e-4f * (1 + Math.abs(times * step[at])));
            }
        }
    }
}
