package seer.kernels.attention;

import seer.kernels.KernelRun;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// The kernels of attention over block lists, as tests launch them. Whatever stands here is held to all of
/// [AttentionKernelsTest], on the simulator and on devices.
enum AttentionRung {
    NAIVE(true) {
        @Override
        WorkerGrid grid(AttentionProblem of) {
            return KernelRun.groups((of.rows + 15) / 16, of.H, 1, 16);
        }

        @Override
        TaskGraph add(TaskGraph graph, Buffers b, AttentionProblem of, int listed) {
            return graph.task(KernelRun.TASK, BlockSparseAttention::naive, new KernelContext(), b.q, b.k, b.v, b.start,
                    b.index, b.out, b.lse, b.p, of.H, of.G, of.D, of.B, listed);
        }
    },
    BLOCKED(true) {
        @Override
        WorkerGrid grid(AttentionProblem of) {
            return KernelRun.groups(BlockSparseAttentionBlocked.groups(of.rows, of.B), of.H, 1,
                    BlockSparseAttentionBlocked.rowsOfGroup(of.B));
        }

        @Override
        TaskGraph add(TaskGraph graph, Buffers b, AttentionProblem of, int listed) {
            return graph.task(KernelRun.TASK, BlockSparseAttentionBlocked::blocked, new KernelContext(), b.q, b.k, b.v,
                    b.start, b.index, b.out, b.lse, b.p, of.H, of.G, of.D, of.B, listed);
        }
    },
    TILED(false) {
        @Override
        WorkerGrid grid(AttentionProblem of) {
            int tile = BlockSparseAttentionTiled.rowsOfGroup(of.B);
            return KernelRun.groups((of.rows + tile - 1) / tile, of.H, 1, BlockSparseAttentionTiled.ITEMS);
        }

        @Override
        TaskGraph add(TaskGraph graph, Buffers b, AttentionProblem of, int listed) {
            return graph.task(KernelRun.TASK, BlockSparseAttentionTiled::tiled, new KernelContext(), b.q, b.k, b.v,
                    b.start, b.index, b.out, b.lse, b.p, of.H, of.G, of.D, of.B, listed);
        }
    };

    /// What a kernel reads and writes.
    record Buffers(FloatArray q, FloatArray k, FloatArray v, IntArray start, IntArray index, FloatArray out,
                   FloatArray lse, IntArray p) { }

    final boolean anySize;

    /// @param anySize whether it takes heads of any width and blocks of any number of tokens; else heads up to 128 wide
    ///                by sixteens, and blocks of 8, 16, ... 128
    AttentionRung(boolean anySize) {
        this.anySize = anySize;
    }

    abstract WorkerGrid grid(AttentionProblem of);

    abstract TaskGraph add(TaskGraph graph, Buffers buffers, AttentionProblem of, int listed);
}
