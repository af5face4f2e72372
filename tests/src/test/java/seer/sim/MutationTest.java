package seer.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.sim.Launches.counting;
import static seer.sim.Launches.row;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import java.util.EnumSet;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// A correct kernel loses its correctness visibly when a barrier goes or an index moves.
class MutationTest {

    private static float[] sum(Mutation mutation) {
        FloatArray in = counting(8);
        FloatArray out = new FloatArray(1);
        Simulator.with(Settings.DEFAULT.withMutation(mutation), () -> Launches.run(row(8, 8),
                g -> g.transferToDevice(EVERY_EXECUTION, in)
                        .task("t", Correct::sum, new KernelContext(), in, out)
                        .transferToHost(EVERY_EXECUTION, out)));
        return out.toHeapArray();
    }

    private static Fault faultOf(Mutation mutation) {
        try {
            sum(mutation);
        } catch (KernelFault fault) {
            return fault.fault();
        }
        throw new AssertionError(mutation + " went unnoticed");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aRemovedBarrierIsNoticed(int ordinal) {
        assertTrue(EnumSet.of(Fault.LOCAL_RACE, Fault.UNWRITTEN_LOCAL, Fault.DIVERGENT_BARRIER)
                .contains(faultOf(Mutation.withoutBarrier(ordinal))));
    }

    @Test
    void allPlacesAreListed() {
        assertEquals(List.of(Mutation.shiftedIndex(0), Mutation.withoutBarrier(0), Mutation.swappedFence(0),
                Mutation.withoutBarrier(1), Mutation.swappedFence(1), Mutation.shiftedIndex(1)),
                Mutation.of(Correct.class, "sum"));
        assertEquals(List.of(Mutation.withoutConstant(0), Mutation.shiftedIndex(0), Mutation.withoutBarrier(0),
                Mutation.swappedFence(0), Mutation.shiftedIndex(1), Mutation.withoutBarrier(1),
                Mutation.swappedFence(1), Mutation.shiftedIndex(2), Mutation.shiftedIndex(3)),
                Mutation.of(Correct.class, "mirroredSums"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aSwappedFenceIsNoticed(int ordinal) {
        assertEquals(Fault.WRONG_FENCE, faultOf(Mutation.swappedFence(ordinal)));
        assertEquals(Fault.WRONG_FENCE, assertThrows(KernelFault.class,
                () -> mirrored(Mutation.swappedFence(ordinal))).fault());
    }

    @Test
    void anArrayThatIsNotClearedIsNoticed() {
        assertEquals(Fault.UNWRITTEN_PRIVATE, assertThrows(KernelFault.class,
                () -> mirrored(Mutation.withoutConstant(0))).fault());
        assertArrayEquals(new float[] {10, 26, 42, 58, 74, 90, 106, 122}, mirrored(Mutation.NONE));
    }

    private static float[] mirrored(Mutation mutation) {
        FloatArray in = counting(32);
        FloatArray scratch = new FloatArray(8);
        FloatArray out = new FloatArray(8);
        Simulator.with(Settings.DEFAULT.withMutation(mutation), () -> Launches.run(row(8, 8),
                g -> g.transferToDevice(EVERY_EXECUTION, in)
                        .task("t", Correct::mirroredSums, new KernelContext(), in, scratch, out)
                        .transferToHost(EVERY_EXECUTION, scratch, out)));
        return out.toHeapArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aShiftedIndexIsNoticed(int ordinal) {
        assertEquals(Fault.OUT_OF_RANGE, faultOf(Mutation.shiftedIndex(ordinal)));
    }

    @Test
    void aMutationBeyondTheLastPlaceChangesNothing() {
        assertArrayEquals(new float[] {36}, sum(Mutation.withoutBarrier(2)));
    }
}
