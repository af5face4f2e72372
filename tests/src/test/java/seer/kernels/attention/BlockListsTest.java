package seer.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.kernels.KernelRun;
import seer.support.Conformance;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Lists that were chosen: taken together, and counted.
@Conformance
public class BlockListsTest {

    @ParameterizedTest
    @CsvSource({"1, 1, 0", "70, 7, 3", "200, 0, 5"})
    public void listsAreTakenTogether(int rows, int longest, int gap) {
        var start = new IntArray(3 + 2 * rows);
        var places = new IntArray(2 + rows);
        var wanted = new int[rows * longest];
        int kept = 0;
        int[] spread = new int[4 + rows * (longest + gap)];
        for (int r = 0; r < rows; r++) {
            int count = longest == 0 ? 0 : r % (longest + 1);
            int from = r * (longest + gap);
            start.set(3 + r, from);
            start.set(3 + rows + r, from + count);
            places.set(2 + r, kept);
            for (int i = 0; i < count; i++) {
                spread[4 + from + i] = r * 31 + i;
                wanted[kept++] = r * 31 + i;
            }
        }
        IntArray index = IntArray.fromArray(spread);
        var packed = new IntArray(kept + 2);
        var p = IntArray.fromElements(rows, 3, 3 + rows, 4, 2, 1);
        KernelRun.of(KernelRun.items(rows, 64)).in(start, index, places, p).out(packed).run(graph -> graph.task(
                KernelRun.TASK, BlockLists::pack, new KernelContext(), start, index, places, packed, p));
        assertArrayEquals(Arrays.copyOf(wanted, kept), Arrays.copyOfRange(packed.toHeapArray(), 1, 1 + kept));
    }

    /// Of several masks in one buffer, whose beginnings and ends stand apart.
    @ParameterizedTest
    @CsvSource({"1, 1", "3, 127", "2, 300", "3, 1"})
    public void blocksOfEachMaskAreCounted(int M, int rows) {
        var start = new IntArray(5 + M * (2 * rows + 3));
        var masks = new IntArray(M * BlockLists.MASK);
        var wanted = new int[M];
        for (int m = 0; m < M; m++) {
            int from = m * (2 * rows + 3);
            for (int r = 0; r < Math.max(rows - m, 1); r++) {
                int kept = (r * 7 + m) % 11;
                start.set(5 + from + r, r * 100);
                start.set(5 + from + rows + 1 + r, r * 100 + kept);
                wanted[m] += kept;
            }
            masks.set(m * BlockLists.MASK, from);
            masks.set(m * BlockLists.MASK + 1, from + rows + 1);
            masks.set(m * BlockLists.MASK + 2, Math.max(rows - m, 1));
        }
        if (M > 2) { // a row without a list
            start.set(5 + 2 * rows + 3 + rows + 1, -1);
            wanted[1] = -1;
        }
        var kept = new IntArray(M);
        var p = IntArray.fromElements(5);
        KernelRun.of(KernelRun.groups(M, 1, 1, BlockLists.GROUP)).in(start, masks, p).out(kept).run(graph ->
                graph.task(KernelRun.TASK, BlockLists::count, new KernelContext(), start, masks, kept, p));
        assertArrayEquals(wanted, kept.toHeapArray());
    }
}
