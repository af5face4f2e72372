package seer.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static seer.sim.Launches.counting;
import static seer.sim.Launches.row;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Java that would run on the JVM only is rejected, and what TornadoVM compiles is not.
class KernelLanguageTest {

    private static void assertRejected(String what, Task2<KernelContext, FloatArray> kernel) {
        FloatArray out = new FloatArray(8);
        KernelFault fault = Launches.fault(row(8, 8), g -> g
                .task("t", kernel, new KernelContext(), out)
                .transferToHost(EVERY_EXECUTION, out));
        assertEquals(Fault.LANGUAGE, fault.fault(), fault.getMessage());
        assertTrue(fault.getMessage().contains(what), fault.getMessage());
    }

    @Test
    void aHelperTakesNoLocalArray() {
        assertRejected("a helper receives a local array", Faulty::passesALocalArray);
    }

    @Test
    void aHelperDoesNotReturnFromALoop() {
        assertRejected("return inside a loop", Faulty::returnsFromALoop);
    }

    @Test
    void functionsWithoutCodeAreNotCalled() {
        assertRejected("fma", Faulty::fusesMultiplyAndAdd);
    }

    @Test
    void theSizeOfALocalArrayIsNotComputed() {
        assertRejected("size is no constant", Faulty::allocatesByComputation);
    }

    @Test
    void nothingIsThrown() {
        assertRejected("a new object", Faulty::throwsAnException);
    }

    @Test
    void noKernelIsNamedLikeAFunctionOfOpenCl() {
        assertRejected("OpenCL has a function", Faulty::pow);
    }

    @Test
    void helpersMayReturnAndBreak() {
        FloatArray in = counting(8);
        FloatArray out = new FloatArray(8);
        Launches.run(row(8, 8), g -> g.transferToDevice(EVERY_EXECUTION, in)
                .task("t", Correct::helped, new KernelContext(), in, out)
                .transferToHost(EVERY_EXECUTION, out));
        assertArrayEquals(new float[] {3, 5, 7, 9, 11, 13, 15, 17}, out.toHeapArray());
    }
}
