package seer.sim;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.Consumer;

import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// Short forms for the tests of this package: a graph `g` with one task `t`.
final class Launches {

    private Launches() {
    }

    static WorkerGrid1D row(int items, int group) {
        WorkerGrid1D grid = new WorkerGrid1D(items);
        grid.setLocalWork(group, 1, 1);
        return grid;
    }

    static void run(WorkerGrid grid, Consumer<TaskGraph> content) {
        TaskGraph graph = new TaskGraph("g");
        content.accept(graph);
        TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot());
        plan.withGridScheduler(new GridScheduler("g.t", grid)).execute();
    }

    static KernelFault fault(WorkerGrid grid, Consumer<TaskGraph> content) {
        return assertThrows(KernelFault.class, () -> run(grid, content));
    }

    static FloatArray counting(int size) {
        FloatArray array = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            array.set(i, i + 1);
        }
        return array;
    }
}
