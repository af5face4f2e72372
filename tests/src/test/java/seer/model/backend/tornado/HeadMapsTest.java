package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeadMapsTest {

    /// Maps of two columns and one row that say whose they are, and the runs of heads that were asked for.
    private static List<float[]> maps(int heads, int rows, int offset, int block, List<String> runs) {
        return HeadMaps.of(heads, rows, offset, block, (first, count) -> {
            runs.add(first + " " + count);
            var all = new float[2 * count];
            for (int i = 0; i < all.length; i++) {
                all[i] = 2 * first + i;
            }
            return all;
        });
    }

    @Test
    void asManyHeadsAreComputedAtOnceAsOnePieceBringsBack() {
        var runs = new ArrayList<String>();
        var maps = maps(7, 64 * 1024, 0, 64, runs); // two maps of 1,024 x 1,024 in 2^21 numbers
        assertEquals(List.of("0 2", "2 2", "4 2", "6 1"), runs);
        assertEquals(7, maps.size());
        for (int h = 0; h < 7; h++) {
            assertArrayEquals(new float[] {2 * h, 2 * h + 1}, maps.get(h));
        }
    }

    @Test
    void smallMapsComeTogetherAndLargeOnesAlone() {
        var small = new ArrayList<String>();
        maps(4, 8192, 0, 64, small);
        assertEquals(List.of("0 4"), small);
        var large = new ArrayList<String>();
        maps(3, 64, 64 * (1 << 21), 64, large);
        assertEquals(List.of("0 1", "1 1", "2 1"), large);
    }
}
