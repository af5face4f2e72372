package seer.model.backend.tornado;

import java.util.List;
import java.util.function.Supplier;
import seer.kernels.layer.MatMulMma;
import seer.kernels.layer.MatMulWgmma;
import seer.kernels.layer.TileProduct;
import seer.model.backend.tornado.Work.TileHeads;
import seer.model.backend.tornado.Work.TilePair;
import seer.model.backend.tornado.Work.TileRows;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;

/// Kernels of products on tensor cores, by what becomes of the result.
final class TileProductRungs {
    private static final String FITS = "BF16 weights, rows in tiles";

    private TileProductRungs() { }

    static List<Rung<?>> all() {
        return List.of(
                wgmma(TileRows.class, () -> TileProductRungs::rowsWgmma),
                mma(TileRows.class, () -> TileProductRungs::rowsMma),
                wgmma(TileHeads.class, () -> TileProductRungs::headsWgmma),
                mma(TileHeads.class, () -> TileProductRungs::headsMma),
                wgmma(TilePair.class, () -> TileProductRungs::pairWgmma),
                mma(TilePair.class, () -> TileProductRungs::pairMma));
    }

    private static <W extends Work.InTiles<W>> Rung<W> wgmma(Class<W> work, Supplier<Rung.Task<W>> task) {
        return new Rung<>(work, "wgmma", FITS, any -> true, Rung.Device.HOPPER, MatMulWgmma.LOCAL_BYTES, task,
                (step, of) -> step.groups(MatMulWgmma.groups(of.rows(), of.outputs()), 1, 1, MatMulWgmma.ITEMS));
    }

    private static <W extends Work.InTiles<W>> Rung<W> mma(Class<W> work, Supplier<Rung.Task<W>> task) {
        return new Rung<>(work, "mma.sync", FITS, any -> true, Rung.Device.TENSOR_CORES, MatMulMma.LOCAL_BYTES, task,
                (step, of) -> step.groups(MatMulMma.groups(of.rows(), of.outputs()), 1, 1, MatMulMma.ITEMS));
    }

    private static TaskGraph rowsWgmma(TaskGraph graph, String id, Step step, TileRows work) {
        return graph.task(id, MatMulWgmma::rows, new KernelContext(), step.integers(TileProduct.P_X),
                step.integers(TileProduct.P_W), step.floats(TileProduct.P_Y), step.p(), work.outputs(), work.inputs(),
                work.add() ? 1 : 0);
    }

    private static TaskGraph rowsMma(TaskGraph graph, String id, Step step, TileRows work) {
        return graph.task(id, MatMulMma::rows, new KernelContext(), step.integers(TileProduct.P_X),
                step.integers(TileProduct.P_W), step.floats(TileProduct.P_Y), step.p(), work.outputs(), work.inputs(),
                work.add() ? 1 : 0);
    }

    private static TaskGraph headsWgmma(TaskGraph graph, String id, Step step, TileHeads work) {
        return graph.task(id, MatMulWgmma::heads, new KernelContext(), step.integers(TileProduct.P_X),
                step.integers(TileProduct.P_W), step.floats(TileProduct.P_BIAS), step.integers(TileProduct.P_Y),
                step.integers(TileProduct.P_K), step.integers(TileProduct.P_V), step.p(), work.inputs(), work.heads(),
                work.groups(), work.width());
    }

    private static TaskGraph headsMma(TaskGraph graph, String id, Step step, TileHeads work) {
        return graph.task(id, MatMulMma::heads, new KernelContext(), step.integers(TileProduct.P_X),
                step.integers(TileProduct.P_W), step.floats(TileProduct.P_BIAS), step.integers(TileProduct.P_Y),
                step.integers(TileProduct.P_K), step.integers(TileProduct.P_V), step.p(), work.inputs(), work.heads(),
                work.groups(), work.width());
    }

    private static TaskGraph pairWgmma(TaskGraph graph, String id, Step step, TilePair work) {
        return graph.task(id, MatMulWgmma::swiglu, new KernelContext(), step.integers(TileProduct.P_X),
                step.integers(TileProduct.P_W), step.integers(TileProduct.P_Y), step.p(), work.outputs(),
                work.inputs());
    }

    private static TaskGraph pairMma(TaskGraph graph, String id, Step step, TilePair work) {
        return graph.task(id, MatMulMma::swiglu, new KernelContext(), step.integers(TileProduct.P_X),
                step.integers(TileProduct.P_W), step.integers(TileProduct.P_Y), step.p(), work.outputs(),
                work.inputs());
    }
}
