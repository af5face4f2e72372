package seer.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// One kernel, launched once on whatever is on the class path: the simulator, or a TornadoVM device.
///
/// ```java
/// KernelRun.of(KernelRun.groups(tilesN, tilesT, 1, 256))
///         .in(x, w, p).out(y)
///         .run(graph -> graph.task(KernelRun.TASK, MatMul::tiled, new KernelContext(), x, w, y, p, N, K));
/// ```
/// Every buffer is copied to the device, those of `out` come back, whatever TornadoVM thinks that the kernel does with
/// them: it knows nothing of the operations of [seer.warp]. On the simulator the kernel runs once under
/// each schedule of the property `seer.sim.schedules` (by default all three kinds), and the results must agree.
public final class KernelRun {

    /// The name of the one task.
    public static final String TASK = "kernel";

    /// Graph names are used once: a device may keep compiled kernels under graph and task name.
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static final String SCHEDULES = "seer.sim.schedules";

    private final WorkerGrid grid;
    private Object[] in = {};
    private Object[] out = {};

    private KernelRun(WorkerGrid grid) {
        this.grid = grid;
    }

    public static KernelRun of(WorkerGrid grid) {
        return new KernelRun(grid);
    }

    /// `x * y * z` groups of `items` work-items each, the items all along x.
    public static WorkerGrid groups(int x, int y, int z, int items) {
        var grid = new WorkerGrid3D(x * items, y, z);
        grid.setLocalWork(items, 1, 1);
        return grid;
    }

    /// At least `items` work-items along x, in groups of `group`: the kernel must check its index.
    public static WorkerGrid items(int items, int group) {
        return groups((items + group - 1) / group, 1, 1, group);
    }

    public KernelRun in(Object... buffers) {
        in = buffers;
        return this;
    }

    public KernelRun out(Object... buffers) {
        out = buffers;
        return this;
    }

    public void run(UnaryOperator<TaskGraph> task) {
        if (System.getProperty(SCHEDULES) == null) {
            System.setProperty(SCHEDULES, "ascending,descending,shuffled:7");
        }
        String name = "run" + COUNT.incrementAndGet();
        var grids = new GridScheduler(name + "." + TASK, grid);
        var graph = new TaskGraph(name).transferToDevice(DataTransferMode.EVERY_EXECUTION, in)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, out);
        for (int i = 0; i < out.length; i++) {
            graph = Touch.add(graph, "touch" + i, out[i]);
            grids.addWorkerGrid(name + ".touch" + i, items(1, 1));
        }
        graph = task.apply(graph).transferToHost(DataTransferMode.UNDER_DEMAND, out);
        try (var plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(grids).execute().transferToHost(out);
        } catch (TornadoExecutionPlanException e) {
            throw new AssertionError("the plan of " + name + " cannot be closed", e);
        }
    }

    /// `p` of a kernel: places, and behind each what stands there.
    public static IntArray places(int... placesAndValues) {
        int size = 0;
        for (int i = 0; i < placesAndValues.length; i += 2) {
            size = Math.max(size, placesAndValues[i] + 1);
        }
        var p = new IntArray(size);
        for (int i = 0; i < placesAndValues.length; i += 2) {
            p.set(placesAndValues[i], placesAndValues[i + 1]);
        }
        return p;
    }

    /// `count` numbers between -scale and scale.
    public static float[] random(long seed, int count, float scale) {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (2 * random.nextFloat() - 1) * scale;
        }
        return values;
    }

    /// A buffer with `before` elements of padding in front of `values` and a few behind: NaN, so that a kernel that
    /// leaves its part of a shared array is found out.
    public static FloatArray padded(float[] values, int before) {
        var array = new FloatArray(before + values.length + 3);
        array.init(Float.NaN);
        for (int i = 0; i < values.length; i++) {
            array.set(before + i, values[i]);
        }
        return array;
    }

    /// Requires `got[from ...]` to be `expected`, as exactly as fp32 sums of `terms` terms can be.
    public static void assertClose(String what, double[] expected, FloatArray got, int from, int terms) {
        double tolerance = 1e-6 * (3 + Math.sqrt(terms));
        for (int i = 0; i < expected.length; i++) {
            double value = got.get(from + i);
            if (Double.isInfinite(expected[i])) {
                assertEquals(expected[i], value, what + " [" + i + "]");
            } else if (!(Math.abs(value - expected[i]) <= tolerance * (1 + Math.abs(expected[i])))) {
                fail(what + " [" + i + "] is " + value + ", not " + expected[i] + " within " + tolerance);
            }
        }
    }
}
