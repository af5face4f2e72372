package seer.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
        assertEquals(List.of(Mutation.shiftedIndex(0), Mutation.withoutBarrier(0),
                Mutation.withoutBarrier(1), Mutation.shiftedIndex(1)),
                Mutation.of(Correct.class, "sum"));
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
