package seer.model.backend.tornado;

import java.util.List;
import seer.kernels.layer.Embedding;
import seer.kernels.layer.MatMul;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.Work.Lookup;
import seer.model.backend.tornado.Work.Product;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;

/// Kernels that read weight matrices.
final class ProductRungs {
    /// Rows up to which a group per column is faster than tiles that stay nearly empty.
    private static final int FEW = 4;

    private ProductRungs() { }

    static List<Rung<?>> all() {
        return List.of(
                new Rung<>(Lookup.class, "f32", "F32 tables", work -> work.table() == ElementType.F32,
                        Rung.Device.ANY, 0, () -> ProductRungs::lookup, (step, work) -> { }),
                new Rung<>(Product.class, "few", "F32 weights, up to " + FEW + " rows",
                        work -> floats(work) && work.rows() <= FEW, Rung.Device.ANY, MatMul.FEW_LOCAL_BYTES,
                        () -> ProductRungs::few, (step, work) -> step.groups(work.outputs(), 1, 1, MatMul.FEW_ITEMS)),
                new Rung<>(Product.class, "tiled", "F32 weights", ProductRungs::floats, Rung.Device.ANY,
                        MatMul.TILED_LOCAL_BYTES, () -> ProductRungs::tiled, (step, work) -> step.groups(
                        Math.ceilDiv(work.outputs(), MatMul.TILE), Math.ceilDiv(work.rows(), MatMul.TILE), 1,
                        MatMul.TILE_ITEMS)));
    }

    private static boolean floats(Product work) {
        return work.weights() == ElementType.F32;
    }

    private static TaskGraph lookup(TaskGraph graph, String id, Step step, Lookup work) {
        return graph.task(id, Embedding::naive, new KernelContext(), step.floats(Embedding.P_TABLE), work.tokens(),
                step.floats(Embedding.P_X), step.p());
    }

    private static TaskGraph few(TaskGraph graph, String id, Step step, Product work) {
        return graph.task(id, MatMul::few, new KernelContext(), step.floats(MatMul.P_X), step.floats(MatMul.P_W),
                step.floats(MatMul.P_Y), step.p(), work.outputs(), work.inputs(), work.outputs());
    }

    private static TaskGraph tiled(TaskGraph graph, String id, Step step, Product work) {
        return graph.task(id, MatMul::tiled, new KernelContext(), step.floats(MatMul.P_X), step.floats(MatMul.P_W),
                step.floats(MatMul.P_Y), step.p(), work.outputs(), work.inputs(), work.outputs());
    }
}
