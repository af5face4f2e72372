package seer.model.backend.tornado;

import java.util.List;
import seer.kernels.attention.BlockSparseAttention;
import seer.kernels.attention.BlockSparseAttentionMma;
import seer.kernels.attention.BlockSparseAttentionWgmma;
import seer.kernels.attention.LongRows;
import seer.kernels.attention.RestAttentionMma;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.Work.Dense;
import seer.model.backend.tornado.Work.Rest;
import seer.model.backend.tornado.Work.Sparse;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;

/// Kernels of attention on tensor cores.
final class TileRungs {
    private static final String FITS = "BF16 caches, heads of 64 or 128";
    private static final String LISTED = FITS + ", blocks of 64 or 128";
    private static final int WIDEST = 128;

    private TileRungs() { }

    static List<Rung<?>> all() {
        return List.of(
                new Rung<>(Dense.class, "wgmma", FITS, TileRungs::fits, Rung.Device.HOPPER,
                        BlockSparseAttentionWgmma.denseLocalBytes(WIDEST),
                        () -> TileRungs::denseWgmma, (step, work) -> step.groups(Math.ceilDiv(work.rows(),
                        BlockSparseAttentionWgmma.DENSE_ROWS), work.heads(), 1, BlockSparseAttentionWgmma.DENSE_ITEMS)),
                new Rung<>(Dense.class, "mma.sync", FITS, TileRungs::fits, Rung.Device.TENSOR_CORES,
                        BlockSparseAttentionMma.denseLocalBytes(WIDEST),
                        () -> TileRungs::denseMma, (step, work) -> step.groups(Math.ceilDiv(work.rows(),
                        BlockSparseAttentionMma.DENSE_ROWS), work.heads(), 1, BlockSparseAttentionMma.DENSE_ITEMS)),
                new Rung<>(Sparse.class, "wgmma", LISTED, TileRungs::fits, Rung.Device.HOPPER,
                        BlockSparseAttentionWgmma.listedLocalBytes(WIDEST),
                        () -> TileRungs::listedWgmma, (step, work) -> step.groups(Math.ceilDiv(work.rows(),
                        BlockSparseAttentionWgmma.LISTED_ROWS) * work.heads(), 1, 1,
                        BlockSparseAttentionWgmma.LISTED_ITEMS)),
                new Rung<>(Sparse.class, "mma.sync", LISTED, TileRungs::fits, Rung.Device.TENSOR_CORES,
                        BlockSparseAttentionMma.listedLocalBytes(WIDEST),
                        () -> TileRungs::listedMma, (step, work) -> step.groups(Math.ceilDiv(work.rows(),
                        BlockSparseAttentionMma.LISTED_ROWS) * work.heads(), 1, 1,
                        BlockSparseAttentionMma.LISTED_ITEMS)),
                new Rung<>(Rest.class, "mma.sync", LISTED, TileRungs::fits, Rung.Device.TENSOR_CORES,
                        RestAttentionMma.LOCAL_BYTES, () -> TileRungs::restMma, (step, work) -> step.groups(
                        Math.ceilDiv(work.rows(), RestAttentionMma.ROWS), work.heads(), 1, RestAttentionMma.ITEMS)));
    }

    private static boolean fits(Dense work) {
        return halves(work.cache(), work.width());
    }

    private static boolean fits(Sparse work) {
        return halves(work.cache(), work.width()) && (work.block() == 64 || work.block() == 128);
    }

    private static boolean fits(Rest work) {
        return halves(work.cache(), work.width()) && (work.block() == 64 || work.block() == 128);
    }

    private static boolean halves(ElementType cache, int width) {
        return cache == ElementType.BF16 && (width == 64 || width == 128);
    }

    private static TaskGraph denseWgmma(TaskGraph graph, String id, Step step, Dense work) {
        return graph.task(id, BlockSparseAttentionWgmma::dense, new KernelContext(),
                step.integers(BlockSparseAttention.P_Q), step.integers(BlockSparseAttention.P_K),
                step.integers(BlockSparseAttention.P_V), step.integers(BlockSparseAttention.P_OUT),
                step.floats(BlockSparseAttention.P_LSE), step.p(), work.heads(), work.groups(), work.width());
    }

    private static TaskGraph denseMma(TaskGraph graph, String id, Step step, Dense work) {
        return graph.task(id, BlockSparseAttentionMma::dense, new KernelContext(),
                step.integers(BlockSparseAttention.P_Q), step.integers(BlockSparseAttention.P_K),
                step.integers(BlockSparseAttention.P_V), step.integers(BlockSparseAttention.P_OUT),
                step.floats(BlockSparseAttention.P_LSE), step.p(), work.heads(), work.groups(), work.width());
    }

    private static TaskGraph listedWgmma(TaskGraph graph, String id, Step step, Sparse work) {
        return graph.task(id, BlockSparseAttentionWgmma::listed, new KernelContext(),
                step.integers(BlockSparseAttention.P_Q), step.integers(BlockSparseAttention.P_K),
                step.integers(BlockSparseAttention.P_V), step.integers(BlockSparseAttention.P_START),
                step.integers(BlockSparseAttention.P_INDEX), step.integers(BlockSparseAttention.P_OUT),
                step.floats(BlockSparseAttention.P_LSE), step.floats(LongRows.P_ROOM), step.p(), work.heads(),
                work.groups(), work.width(), work.block());
    }

    private static TaskGraph listedMma(TaskGraph graph, String id, Step step, Sparse work) {
        return graph.task(id, BlockSparseAttentionMma::listed, new KernelContext(),
                step.integers(BlockSparseAttention.P_Q), step.integers(BlockSparseAttention.P_K),
                step.integers(BlockSparseAttention.P_V), step.integers(BlockSparseAttention.P_START),
                step.integers(BlockSparseAttention.P_INDEX), step.integers(BlockSparseAttention.P_OUT),
                step.floats(BlockSparseAttention.P_LSE), step.floats(LongRows.P_ROOM), step.p(), work.heads(),
                work.groups(), work.width(), work.block());
    }

    private static TaskGraph restMma(TaskGraph graph, String id, Step step, Rest work) {
        return graph.task(id, RestAttentionMma::joined, new KernelContext(),
                step.integers(BlockSparseAttention.P_Q), step.integers(BlockSparseAttention.P_K),
                step.integers(BlockSparseAttention.P_V), step.integers(BlockSparseAttention.P_START),
                step.integers(BlockSparseAttention.P_INDEX), step.integers(BlockSparseAttention.P_OUT),
                step.floats(BlockSparseAttention.P_LSE), step.p(), work.heads(), work.groups(), work.width(),
                work.block());
    }
}
