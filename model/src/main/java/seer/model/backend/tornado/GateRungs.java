package seer.model.backend.tornado;

import java.util.List;
import seer.kernels.gate.BlockSelection;
import seer.kernels.gate.GateVectors;
import seer.kernels.gate.PooledVectors;
import seer.kernels.gate.ThresholdSelection;
import seer.kernels.gate.ThresholdSelectionWarps;
import seer.kernels.gate.TileGateVectors;
import seer.kernels.gate.TopSelection;
import seer.kernels.gate.TopSelectionWarps;
import seer.model.attention.SelectionRule;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.Work.Choice;
import seer.model.backend.tornado.Work.Pooled;
import seer.model.backend.tornado.Work.Vectors;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;

/// Kernels of gates. Where none takes a gate's vectors, they are made step by step.
final class GateRungs {
    private static final String WIDE = "pooled vectors up to " + GateVectors.MOST_INPUTS + " wide, results up to "
            + GateVectors.MOST_WIDTH;

    private GateRungs() { }

    static List<Rung<?>> all() {
        return List.of(
                new Rung<>(Vectors.class, "fused", "F32 queries and keys, " + WIDE,
                        work -> work.raw() == ElementType.F32 && fits(work), Rung.Device.ANY, GateVectors.LOCAL_BYTES,
                        () -> GateRungs::vectors, GateRungs::launch),
                new Rung<>(Vectors.class, "fused, tiles", "BF16 queries and keys, " + WIDE,
                        work -> work.raw() == ElementType.BF16 && fits(work), Rung.Device.TENSOR_CORES,
                        GateVectors.LOCAL_BYTES, () -> GateRungs::tileVectors, GateRungs::launch),
                new Rung<>(Pooled.class, "mapped", "vectors up to " + PooledVectors.MOST_WIDTH + " wide",
                        work -> work.width() <= PooledVectors.MOST_WIDTH, Rung.Device.TENSOR_CORES,
                        PooledVectors.LOCAL_BYTES, () -> GateRungs::pooledVectors, (step, work) -> step.groups(
                        Math.ceilDiv(work.blocks(), PooledVectors.BLOCKS), work.heads(), 1, PooledVectors.ITEMS)),
                new Rung<>(Choice.class, "top, warps", "rules by number of blocks, one vector to a block",
                        work -> work.rule() instanceof SelectionRule.TopBlocks && work.fold() == 1,
                        Rung.Device.TENSOR_CORES, TopSelectionWarps.LOCAL_BYTES, () -> GateRungs::topWarps,
                        GateRungs::launchWarps),
                new Rung<>(Choice.class, "top", "rules by number of blocks",
                        work -> work.rule() instanceof SelectionRule.TopBlocks, Rung.Device.ANY,
                        BlockSelection.LOCAL_BYTES, () -> GateRungs::top, GateRungs::launch),
                new Rung<>(Choice.class, "threshold, warps", "rules by probability, one vector to a block",
                        work -> work.rule() instanceof SelectionRule.Threshold && work.fold() == 1,
                        Rung.Device.TENSOR_CORES, ThresholdSelectionWarps.LOCAL_BYTES, () -> GateRungs::thresholdWarps,
                        GateRungs::launchWarps),
                new Rung<>(Choice.class, "threshold", "rules by probability",
                        work -> work.rule() instanceof SelectionRule.Threshold, Rung.Device.ANY,
                        BlockSelection.LOCAL_BYTES, () -> GateRungs::threshold, GateRungs::launch));
    }

    private static boolean fits(Vectors work) {
        return work.distinct() && work.inputs() <= GateVectors.MOST_INPUTS && work.width() <= GateVectors.MOST_WIDTH;
    }

    private static void launch(Step step, Vectors work) {
        step.groups(Math.ceilDiv(work.blocks(), GateVectors.BLOCKS), work.heads(), 1, GateVectors.ITEMS);
    }

    private static TaskGraph tileVectors(TaskGraph graph, String id, Step step, Vectors work) {
        return graph.task(id, TileGateVectors::fused, new KernelContext(),
                step.integers(GateVectors.P_KEYS + GateVectors.SIDE_RAW),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_WEIGHTS),
                step.integers(GateVectors.P_TURNS), step.floats(GateVectors.P_REST),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_Y), step.p());
    }

    private static TaskGraph pooledVectors(TaskGraph graph, String id, Step step, Pooled work) {
        return graph.task(id, PooledVectors::mapped, new KernelContext(),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_RAW),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_WEIGHTS),
                step.integers(GateVectors.P_TURNS), step.floats(GateVectors.P_REST),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_Y), step.p());
    }

    /// The kernel finds its buffers by the side that comes first.
    private static TaskGraph vectors(TaskGraph graph, String id, Step step, Vectors work) {
        return graph.task(id, GateVectors::fused, new KernelContext(),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_RAW),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_WEIGHTS),
                step.integers(GateVectors.P_TURNS), step.floats(GateVectors.P_REST),
                step.floats(GateVectors.P_KEYS + GateVectors.SIDE_Y), step.p());
    }

    private static TaskGraph top(TaskGraph graph, String id, Step step, Choice work) {
        return graph.task(id, TopSelection::list, new KernelContext(), step.floats(BlockSelection.P_Q),
                step.floats(BlockSelection.P_K), step.floats(BlockSelection.P_NUMBERS),
                step.floats(BlockSelection.P_SCRATCH), step.integers(BlockSelection.P_START),
                step.integers(BlockSelection.P_INDEX), step.p());
    }

    private static TaskGraph topWarps(TaskGraph graph, String id, Step step, Choice work) {
        return graph.task(id, TopSelectionWarps::list, new KernelContext(), step.floats(BlockSelection.P_Q),
                step.floats(BlockSelection.P_K), step.floats(BlockSelection.P_NUMBERS),
                step.floats(BlockSelection.P_SCRATCH), step.integers(BlockSelection.P_START),
                step.integers(BlockSelection.P_INDEX), step.p());
    }

    private static TaskGraph threshold(TaskGraph graph, String id, Step step, Choice work) {
        return graph.task(id, ThresholdSelection::list, new KernelContext(), step.floats(BlockSelection.P_Q),
                step.floats(BlockSelection.P_K), step.floats(BlockSelection.P_NUMBERS),
                step.floats(BlockSelection.P_SCRATCH), step.integers(BlockSelection.P_START),
                step.integers(BlockSelection.P_INDEX), step.p());
    }

    private static TaskGraph thresholdWarps(TaskGraph graph, String id, Step step, Choice work) {
        return graph.task(id, ThresholdSelectionWarps::list, new KernelContext(), step.floats(BlockSelection.P_Q),
                step.floats(BlockSelection.P_K), step.floats(BlockSelection.P_NUMBERS),
                step.floats(BlockSelection.P_SCRATCH), step.integers(BlockSelection.P_START),
                step.integers(BlockSelection.P_INDEX), step.p());
    }

    /// Rows of blocks that a group of a selection takes together.
    static int rows(Rung<Choice> rung) {
        return rung.device() == Rung.Device.TENSOR_CORES ? BlockSelection.WARP_ROWS : BlockSelection.ROWS;
    }

    private static void launch(Step step, Choice work) {
        step.groups(work.groups(), 1, 1, BlockSelection.ITEMS);
    }

    private static void launchWarps(Step step, Choice work) {
        step.groups(work.groups(), 1, 1, BlockSelection.WARP_ITEMS);
    }
}
