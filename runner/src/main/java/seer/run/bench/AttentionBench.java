package seer.run.bench;

import java.util.List;
import java.util.SplittableRandom;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;

/// Random queries, keys and values of one shape, and the work that prefill does on them.
final class AttentionBench implements AutoCloseable {
    private static final List<Pooling> KEY_POOLING = List.of(Pooling.MAX, Pooling.MIN, Pooling.AVG);
    private static final double THETA = 500_000;

    private final Backend backend;
    private final Arena arena;
    private final AttentionShape shape;
    private final Tensor queries;
    private final Tensor keys;
    private final KeyValueCache cache;
    private final Tensor out;
    private final Tensor gateWeights; // [H, 3 D, D]
    private final Tensor pooledQueries;
    private final Tensor pooledKeys;
    private final Tensor gateKeys;
    private final Rotary rotary;
    private final BlockMask dense;
    private final BlockMask sparse;

    AttentionBench(Backend backend, AttentionShape shape) {
        this.backend = backend;
        this.arena = backend.arena("the benchmark", 0);
        this.shape = shape;
        int d = shape.headWidth();
        int n = shape.blocks();
        this.queries = activations(arena, 1, shape.heads(), shape.tokens(), d);
        this.keys = activations(arena, 2, shape.groups(), shape.tokens(), d);
        this.cache = arena.cache(shape.groups(), shape.tokens(), d);
        try (Arena values = arena.within("the values")) {
            backend.append(keys, activations(values, 3, shape.groups(), shape.tokens(), d), shape.tokens(), null, 0,
                    cache);
        }
        this.out = arena.activations(shape.tokens(), shape.heads() * d);
        int inputs = KEY_POOLING.size() * d;
        this.gateWeights = arena.upload(random(4, shape.heads() * inputs * d), shape.heads(), inputs, d);
        this.pooledQueries = arena.allocate(shape.heads(), n, d);
        this.pooledKeys = arena.allocate(shape.groups(), n, KEY_POOLING.size() * d);
        this.gateKeys = arena.allocate(shape.heads(), n, d);
        this.rotary = Rotary.plain(d, THETA);
        this.dense = BlockMask.dense(shape.heads(), shape.block(), 0, n);
        this.sparse = select(arena);
    }

    double density() {
        return sparse.density();
    }

    void dense() {
        attend(dense);
    }

    void sparse() {
        attend(sparse);
    }

    /// Everything between raw queries and keys and the mask.
    void select() {
        try (Arena round = arena.within("the round")) {
            select(round).close();
        }
    }

    private BlockMask select(Arena masks) {
        return backend.gate(
                new GateSide(queries, List.of(Pooling.AVG), null, pooledQueries, false, pooledQueries, 0),
                new GateSide(keys, KEY_POOLING, gateWeights, pooledKeys, false, gateKeys, 0),
                new GateChunk(shape.tokens(), shape.block(), 0, shape.blocks()), rotary,
                1 / Math.sqrt(shape.headWidth()), new SelectionRule.TopBlocks(shape.density()), ForcedBlocks.NONE,
                masks);
    }

    private void attend(BlockMask mask) {
        backend.attend(queries, shape.tokens(), 0, cache, mask, out, null);
    }

    private static Tensor activations(Arena arena, long seed, int heads, int rows, int width) {
        return arena.activations(random(seed, heads * rows * width), heads, rows, width);
    }

    private static float[] random(long seed, int count) {
        var random = new SplittableRandom(seed);
        var numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return numbers;
    }

    @Override
    public void close() {
        arena.close();
    }
}
