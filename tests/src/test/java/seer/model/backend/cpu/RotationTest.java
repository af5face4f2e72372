package seer.model.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import seer.model.backend.Rotary;

/// One row turned, with the angles of the row before where these are the same.
class RotationTest {
    private static final int WIDTH = 8;

    private record Turn(Rotary rotary, int position) { }

    @Test
    void aRowAloneTurnsAsOneOfTwo() {
        var slow = new Rotary(new double[] {0.5, 0.1, 0.02, 0.004}, 1);
        var fast = new Rotary(new double[] {1, 0.3, 0.1, 0.03}, 1.1);
        float[] row = {1, -2, 3, -4, 5, -6, 7, -8};
        float[] two = Arrays.copyOf(row, 2 * WIDTH);
        try (var backend = new CpuBackend(1)) {
            var arena = backend.arena("a row", 0);
            var x = arena.upload(two, 1, 2, WIDTH);
            var y = arena.allocate(1, 2, WIDTH);
            for (Turn turn : List.of(new Turn(slow, 7), new Turn(slow, 7), new Turn(fast, 7), new Turn(slow, 7),
                    new Turn(slow, 8), new Turn(new Rotary(fast.inverseFrequency(), 0.9), 8))) {
                backend.rotate(x, 0, 2, turn.rotary(), turn.position(), 1, y, 0);
                float[] wanted = Arrays.copyOf(y.download(), WIDTH);
                backend.rotate(x, 0, 1, turn.rotary(), turn.position(), 1, y, 0);
                assertArrayEquals(wanted, Arrays.copyOf(y.download(), WIDTH), turn.toString());
            }
        }
    }
}
