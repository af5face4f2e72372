package seer.model.backend.tornado;

import java.util.List;
import seer.kernels.attention.AttentionMass;
import seer.kernels.attention.BlockSparseAttention;
import seer.kernels.attention.BlockSparseAttentionBlocked;
import seer.kernels.attention.BlockSparseAttentionTiled;
import seer.kernels.attention.PooledAttention;
import seer.kernels.attention.RestAttention;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.Work.MassMap;
import seer.model.backend.tornado.Work.PooledMap;
import seer.model.backend.tornado.Work.Rest;
import seer.model.backend.tornado.Work.Sparse;
import seer.model.backend.tornado.device.Step;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;

/// Kernels of attention over block lists, and of the maps that gates learn from.
final class AttentionRungs {
    /// Items of a group of the plain kernels.
    private static final int PLAIN = 64;
    private static final String TILES = "F32 caches, heads up to 128 wide by sixteens, blocks of 8, 16, ... 128";

    private AttentionRungs() { }

    static List<Rung<?>> all() {
        return List.of(
                new Rung<>(Sparse.class, "tiled", TILES,
                        work -> floats(work.cache()) && tiles(work.width(), work.block()), Rung.Device.ANY,
                        BlockSparseAttentionTiled.LOCAL_BYTES, () -> AttentionRungs::tiled, (step, work) -> step.groups(
                        Math.ceilDiv(work.rows(), BlockSparseAttentionTiled.rowsOfGroup(work.block())), work.heads(),
                        1, BlockSparseAttentionTiled.ITEMS)),
                new Rung<>(Sparse.class, "blocked", TILES,
                        work -> floats(work.cache()) && tiles(work.width(), work.block()), Rung.Device.ANY,
                        BlockSparseAttentionBlocked.LOCAL_BYTES, () -> AttentionRungs::blocked,
                        (step, work) -> step.groups(BlockSparseAttentionBlocked.groups(work.rows(), work.block()),
                        work.heads(), 1, BlockSparseAttentionBlocked.rowsOfGroup(work.block()))),
                new Rung<>(Sparse.class, "naive", "F32 caches", work -> floats(work.cache()), Rung.Device.ANY, 0,
                        () -> AttentionRungs::naive, (step, work) -> step.groups(Math.ceilDiv(work.rows(), PLAIN),
                        work.heads(), 1, PLAIN)),
                new Rung<>(Rest.class, "joined", "F32 caches, heads up to 512 wide",
                        work -> floats(work.cache()) && work.width() <= RestAttention.MOST_WIDTH, Rung.Device.ANY,
                        RestAttention.LOCAL_BYTES, () -> AttentionRungs::rest, (step, work) -> step.groups(
                        RestAttention.groups(work.rows(), work.block()), work.heads(), 1,
                        RestAttention.rowsOfGroup(work.block()))),
                new Rung<>(PooledMap.class, "tiled", TILES,
                        work -> floats(work.cache()) && tiles(work.width(), work.block()), Rung.Device.ANY,
                        PooledAttention.LOCAL_BYTES, () -> AttentionRungs::tiledMap, AttentionRungs::launchTiledMap),
                new Rung<>(PooledMap.class, "naive", "F32 caches", work -> floats(work.cache()), Rung.Device.ANY, 0,
                        () -> AttentionRungs::naiveMap, (step, work) -> step.groups(Math.ceilDiv(work.columns(), PLAIN),
                        Math.ceilDiv(work.rows(), work.block()), 1, PLAIN)),
                new Rung<>(MassMap.class, "tiled", TILES,
                        work -> floats(work.cache()) && tiles(work.width(), work.block()), Rung.Device.ANY,
                        AttentionMass.LOCAL_BYTES, () -> AttentionRungs::tiledMass, AttentionRungs::launchTiledMass),
                new Rung<>(MassMap.class, "naive", "F32 caches", work -> floats(work.cache()), Rung.Device.ANY, 0,
                        () -> AttentionRungs::naiveMass, (step, work) -> step.groups(
                        Math.ceilDiv(work.columns(), PLAIN), Math.ceilDiv(work.rows(), work.block()), 1, PLAIN)));
    }

    private static boolean floats(ElementType cache) {
        return cache == ElementType.F32;
    }

    private static boolean tiles(int width, int block) {
        return width % 16 == 0 && width <= 128 && Integer.bitCount(block) == 1 && block >= 8 && block <= 128;
    }

    private static TaskGraph tiled(TaskGraph graph, String id, Step s, Sparse work) {
        return graph.task(id, BlockSparseAttentionTiled::tiled, new KernelContext(),
                s.floats(BlockSparseAttention.P_Q), s.floats(BlockSparseAttention.P_K),
                s.floats(BlockSparseAttention.P_V), s.integers(BlockSparseAttention.P_START),
                s.integers(BlockSparseAttention.P_INDEX), s.floats(BlockSparseAttention.P_OUT),
                s.floats(BlockSparseAttention.P_LSE), s.p(), work.heads(), work.groups(), work.width(), work.block(),
                1);
    }

    private static TaskGraph blocked(TaskGraph graph, String id, Step s, Sparse work) {
        return graph.task(id, BlockSparseAttentionBlocked::blocked, new KernelContext(),
                s.floats(BlockSparseAttention.P_Q), s.floats(BlockSparseAttention.P_K),
                s.floats(BlockSparseAttention.P_V), s.integers(BlockSparseAttention.P_START),
                s.integers(BlockSparseAttention.P_INDEX), s.floats(BlockSparseAttention.P_OUT),
                s.floats(BlockSparseAttention.P_LSE), s.p(), work.heads(), work.groups(), work.width(), work.block(),
                1);
    }

    private static TaskGraph naive(TaskGraph graph, String id, Step s, Sparse work) {
        return graph.task(id, BlockSparseAttention::naive, new KernelContext(),
                s.floats(BlockSparseAttention.P_Q), s.floats(BlockSparseAttention.P_K),
                s.floats(BlockSparseAttention.P_V), s.integers(BlockSparseAttention.P_START),
                s.integers(BlockSparseAttention.P_INDEX), s.floats(BlockSparseAttention.P_OUT),
                s.floats(BlockSparseAttention.P_LSE), s.p(), work.heads(), work.groups(), work.width(), work.block(),
                1);
    }

    private static TaskGraph rest(TaskGraph graph, String id, Step s, Rest work) {
        return graph.task(id, RestAttention::joined, new KernelContext(), s.floats(BlockSparseAttention.P_Q),
                s.floats(BlockSparseAttention.P_K), s.floats(BlockSparseAttention.P_V),
                s.integers(BlockSparseAttention.P_START), s.integers(BlockSparseAttention.P_INDEX),
                s.floats(BlockSparseAttention.P_OUT), s.floats(BlockSparseAttention.P_LSE), s.p(), work.heads(),
                work.groups(), work.width(), work.block());
    }

    private static TaskGraph tiledMap(TaskGraph graph, String id, Step s, PooledMap work) {
        return graph.task(id, PooledAttention::tiled, new KernelContext(), s.floats(PooledAttention.P_Q),
                s.floats(PooledAttention.P_K), s.floats(PooledAttention.P_LSE), s.floats(PooledAttention.P_MAP),
                s.p(), work.width(), work.block());
    }

    private static void launchTiledMap(Step step, PooledMap work) {
        int edge = Math.max(work.block(), 64);
        step.groups(Math.ceilDiv(work.offset() + work.rows(), edge), Math.ceilDiv(work.rows(), edge), 1,
                PooledAttention.ITEMS);
    }

    private static TaskGraph naiveMap(TaskGraph graph, String id, Step s, PooledMap work) {
        return graph.task(id, PooledAttention::naive, new KernelContext(), s.floats(PooledAttention.P_Q),
                s.floats(PooledAttention.P_K), s.floats(PooledAttention.P_LSE), s.floats(PooledAttention.P_MAP),
                s.p(), work.width(), work.block());
    }

    private static TaskGraph tiledMass(TaskGraph graph, String id, Step s, MassMap work) {
        return graph.task(id, AttentionMass::tiled, new KernelContext(), s.floats(AttentionMass.P_Q),
                s.floats(AttentionMass.P_K), s.floats(AttentionMass.P_LSE), s.floats(AttentionMass.P_MAP),
                s.p(), work.width(), work.block());
    }

    private static void launchTiledMass(Step step, MassMap work) {
        int edge = Math.max(work.block(), 64);
        step.groups(Math.ceilDiv(work.offset() + work.rows(), edge), Math.ceilDiv(work.rows(), edge), 1,
                AttentionMass.ITEMS);
    }

    private static TaskGraph naiveMass(TaskGraph graph, String id, Step s, MassMap work) {
        return graph.task(id, AttentionMass::naive, new KernelContext(), s.floats(AttentionMass.P_Q),
                s.floats(AttentionMass.P_K), s.floats(AttentionMass.P_LSE), s.floats(AttentionMass.P_MAP),
                s.p(), work.width(), work.block());
    }
}
