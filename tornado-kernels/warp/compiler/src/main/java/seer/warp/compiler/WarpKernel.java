package seer.warp.compiler;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongFunction;
import uk.ac.manchester.tornado.drivers.cuda.CUDADeviceContext;
import uk.ac.manchester.tornado.drivers.cuda.CUDAKernel;
import uk.ac.manchester.tornado.drivers.cuda.CUDAProgram;
import uk.ac.manchester.tornado.drivers.cuda.graal.CUDAInstalledCode;
import uk.ac.manchester.tornado.drivers.cuda.mm.CUDAKernelStackFrame;
import uk.ac.manchester.tornado.runtime.common.KernelStackFrame;
import uk.ac.manchester.tornado.api.memory.XPUBuffer;
import uk.ac.manchester.tornado.runtime.tasks.meta.TaskDataContext;

/// A kernel that was compiled here and is started here, on the stream of TornadoVM's plan.
///
/// TornadoVM's own start gives a kernel no dynamic local memory, and copies a frame of its own to the device before
/// each: kernels that take their items from [uk.ac.manchester.tornado.api.KernelContext] never read it.
final class WarpKernel extends CUDAInstalledCode {
    private static final int MOST = 32; // parameters
    private final CudaDriver driver;
    private final LongFunction<CudaDriver.Stream> streams;
    private final MemorySegment function;
    private final int dynamicBytes;
    private final KernelTimes times;
    private final MemorySegment values = Arena.ofAuto().allocate(8L * MOST, 8);
    private final MemorySegment pointers = Arena.ofAuto().allocate(ValueLayout.ADDRESS, MOST);

    WarpKernel(String name, byte[] source, CUDADeviceContext context, CUDAProgram program, CUDAKernel kernel,
               CudaDriver driver, LongFunction<CudaDriver.Stream> streams, MemorySegment function, int dynamicBytes,
               KernelTimes times) {
        super(name, source, context, program, kernel, false);
        this.driver = driver;
        this.streams = streams;
        this.function = function;
        this.dynamicBytes = dynamicBytes;
        this.times = times;
        for (int i = 0; i < MOST; i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, values.asSlice(8L * i, 8));
        }
    }

    @Override
    public int launchWithDependencies(long plan, KernelStackFrame frame, XPUBuffer atomics, TaskDataContext task,
                                      long batch, int[] events) {
        launch(plan, (CUDAKernelStackFrame) frame, task);
        return -1;
    }

    @Override
    public int launchWithoutDependencies(long plan, KernelStackFrame frame, XPUBuffer atomics, TaskDataContext task,
                                         long batch) {
        launch(plan, (CUDAKernelStackFrame) frame, task);
        return -1;
    }

    @Override
    public boolean isValid() {
        return true;
    }

    @Override
    public void invalidate() {
        // Its program stays loaded until the process ends.
    }

    private void launch(long plan, CUDAKernelStackFrame frame, TaskDataContext task) {
        put(0, frame.toBuffer());
        put(1, frame.toConstantAddress());
        put(2, 0L);
        put(3, frame.toAtomicAddress());
        int at = 4;
        for (var argument : frame.getCallArguments()) {
            if (!(argument.getValue() instanceof KernelStackFrame.KernelContextArgument)) {
                put(at++, argument.getValue());
            }
        }
        var grid = task.getWorkerGrid(task.getId());
        long[] items = grid.getLocalWork();
        long[] global = grid.getGlobalWork();
        var groups = new long[] {1, 1, 1};
        var local = new long[] {1, 1, 1};
        for (int i = 0; i < global.length; i++) {
            local[i] = items[i];
            groups[i] = global[i] / items[i];
        }
        var stream = streams.apply(plan);
        times.around(getName(), stream, () -> driver.launch(stream, function, groups, local, dynamicBytes, pointers));
    }

    private void put(int at, Object value) {
        switch (value) {
            case Long number -> values.set(ValueLayout.JAVA_LONG, 8L * at, number);
            case Integer number -> values.set(ValueLayout.JAVA_INT, 8L * at, number);
            case Float number -> values.set(ValueLayout.JAVA_FLOAT, 8L * at, number);
            default -> throw new IllegalStateException("a kernel takes no " + value.getClass().getSimpleName());
        }
    }
}
