package seer.model.backend.cpu;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.MassPooling;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.BlockKeys;
import seer.model.backend.BackendInfo;
import seer.model.backend.Contract;
import seer.model.backend.ElementType;
import seer.model.backend.Gradients;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.SelectionContract;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.load.DType;
import seer.model.load.QuantizedBlock;

/// All operations on the processor, with the Vector API, on a fixed number of threads.
///
/// Tensors are arrays on the Java heap. [Contract] has checked what the classes behind are given.
/// Closing stops the threads and closes all arenas.
public final class CpuBackend implements Backend {
    /// Rows that a thread multiplies with a matrix at once, at most.
    private static final int TILE = 256;
    private static final int LEAST_CHUNK = 512;
    private static final int LARGEST_CHUNK = 8192;

    private final CpuThreads threads;
    private final ElementType cache;
    private final boolean rounding;
    private final CpuArena everything;
    private final BackendInfo info; // which is asked for with every document, and comes from a file of the system's

    /// With the cache that suits the model.
    ///
    /// @throws seer.model.backend.BackendUnavailableException where this JVM has no Vector API
    public CpuBackend(int threads) {
        this(threads, null);
    }

    /// @param threads worker threads, the calling one included
    /// @param cache   how keys and values are stored, F32, F16 or INT8; null for what suits the model
    /// @throws seer.model.backend.BackendUnavailableException where this JVM has no Vector API
    public CpuBackend(int threads, ElementType cache) {
        this(threads, cache, false);
    }

    /// @param rounding whether a layer's products with weights of four bits are of whole numbers: what is multiplied
    ///                 with them is rounded to 8 bits ([RoundedRows]). All else, the head among it, stays in f32
    /// @throws seer.model.backend.BackendUnavailableException where this JVM has no Vector API
    public CpuBackend(int threads, ElementType cache, boolean rounding) {
        Processor.requireVectors();
        this.threads = new CpuThreads(threads);
        this.cache = cache;
        this.rounding = rounding;
        everything = new CpuArena(this, this.threads, "the cpu backend", null);
        info = new BackendInfo("cpu", Processor.name(), Processor.detail() + (rounding ? ", " + arithmetic() : ""),
                threads);
    }

    @Override
    public BackendInfo info() {
        return info;
    }

    @Override
    public void requireUse(Path model, Map<DType, Long> layers) {
        if (rounding && layers.keySet().stream().noneMatch(QuantizedBlock::isFourBits)) {
            throw new IllegalArgumentException("precision int8 with " + model + ", whose layers' weights are "
                    + layers.keySet().stream().map(DType::name).collect(Collectors.joining(", "))
                    + ": wanted some of 4 bits, Q4_0, Q4_1 or Q4_K");
        }
    }

    @Override
    public String arithmetic() {
        return rounding ? "int8 where a layer's weights have 4 bits, else f32" : "f32";
    }

    @Override
    public Arena arena(String owner, long bytes) {
        return new CpuArena(this, threads, owner, everything);
    }

    @Override
    public long bytes(int... shape) {
        return ElementType.F32.bytes(Contract.elements(shape));
    }

    @Override
    public long cacheBytes(ElementType type, int groups, int capacity, int width) {
        return 2 * CpuArena.rowBytes(type, groups, capacity, width);
    }

    /// Who quantizes weights wants to save memory, and has given up more of them than 16 bits take from keys and
    /// values, or 8 where products are rounded to as many. Where these are few beside the weights, nothing is to be
    /// gained.
    @Override
    public ElementType cacheType(long elements, long quantized) {
        if (cache != null) {
            return cache;
        }
        boolean many = quantized > 0 && ElementType.F32.bytes(elements) > quantized;
        return !many ? ElementType.F32 : rounding ? ElementType.INT8 : ElementType.F16;
    }

    /// Longer ones share the work of unpacking weights among more rows, and take more memory: with chunks of twice as
    /// many tokens a prompt is read 4 % faster. Who rounds has less memory in mind.
    @Override
    public int chunk() {
        long each = rounding ? TILE : 2 * TILE;
        return Math.clamp(each * threads.count(), LEAST_CHUNK, LARGEST_CHUNK);
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        Contract.embed(this, table, tokens, from, count, x);
        CpuMatrix weights = own(table);
        float[] stream = own(x).values();
        for (int t = 0; t < count; t++) {
            weights.row(tokens[from + t], stream, t * weights.inputs());
        }
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias,
                        Tensor q, Tensor k, Tensor v) {
        Contract.project(this, x, rows, norm, qkv, bias, q, k, v);
        PanelMatmul.run(threads, own(x).values(), rows, norm(norm, epsilon), layer(qkv),
                new Projection(bias == null ? null : own(bias).values(), own(q), own(k), own(v)));
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon) {
        Contract.normHeads(this, x, rows, norm);
        CpuTensor heads = own(x);
        var each = new RowNorm(own(norm).values(), epsilon);
        threads.run(heads.extent(0), (head, scratch) ->
                each.inPlace(heads.values(), head * heads.extent(1) * heads.extent(2), rows));
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target,
                       int at) {
        Contract.rotate(this, x, from, rows, rotary, target, at);
        new Rotation(rotary, first, step).run(threads, own(x), from, rows, own(target), at);
    }

    @Override
    public void append(Tensor k, Tensor v, int rows, Rotary rotary, int offset, KeyValueCache cache) {
        Contract.append(this, k, v, rows, rotary, offset, cache);
        own(cache).append(threads, own(k), own(v), rows, rotary, offset);
    }

    @Override
    public void attend(Tensor q, int rows, int offset, KeyValueCache cache, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        Contract.attend(this, q, rows, offset, cache, mask, out, logSumExp);
        new SparseAttention(own(q), rows, offset, own(cache), mask, own(out),
                logSumExp == null ? null : own(logSumExp)).run(threads);
    }

    @Override
    public void addDeltas(Tensor q, int rows, int offset, int spacing, KeyValueCache cache, Tensor out,
                          Tensor logSumExp) {
        Contract.addDeltas(this, q, rows, offset, spacing, cache, out, logSumExp);
        new DeltaAttention(own(q), rows, offset, spacing, own(cache), own(out)).run(threads);
    }

    @Override
    public void averageBlocks(KeyValueCache cache, int from, int blocks, int block, KeyValueCache means) {
        Contract.averageBlocks(this, cache, from, blocks, block, means);
        var average = List.of(Pooling.AVG);
        new BlockPooler(own(cache).keyRows(), from * block, blocks * block, block, average, floats(means).keys(), from)
                .run(threads);
        new BlockPooler(own(cache).valueRows(), from * block, blocks * block, block, average, floats(means).values(),
                from).run(threads);
    }

    @Override
    public void attendRest(Tensor q, int rows, int offset, KeyValueCache means, BlockMask mask, Tensor out,
                           Tensor logSumExp) {
        Contract.attendRest(this, q, rows, offset, means, mask, out, logSumExp);
        new RestAttention(own(q), rows, floats(means), mask, own(out), own(logSumExp)).run(threads);
    }

    @Override
    public void attendOne(Tensor q, int position, KeyValueCache cache, BlockMask mask, Tensor out) {
        var row = Contract.attendOne(this, q, position, cache, mask, out);
        new DecodeAttention(own(q), position, own(cache), row, own(out)).run(threads);
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        Contract.addProjected(this, y, rows, w, x);
        PanelMatmul.run(threads, own(y).values(), rows, null, layer(w), new Residual(own(x).values(), 0, w.outputs()));
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        Contract.feedForward(this, x, rows, norm, gateUp, down);
        new FeedForward(norm(norm, epsilon), layer(gateUp), layer(down), own(x).values(), rows).run(threads);
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        Contract.logits(this, x, row, norm, head);
        float[] one = Arrays.copyOfRange(own(x).values(), row * head.inputs(), (row + 1) * head.inputs());
        var logits = new float[head.outputs()];
        PanelMatmul.run(threads, one, 1, norm(norm, epsilon), own(head), (r, rows, column, columns, tile) ->
                System.arraycopy(tile, 0, logits, column, columns));
        return logits;
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        Contract.score(this, x, rows, norm, head, targets);
        var scoring = new TokenScoring(targets, rows);
        scoring.run(threads, own(x).values(), norm(norm, epsilon), own(head));
        return new TokenScores(scoring.negativeLogLikelihood(), scoring.best());
    }

    @Override
    public int firstBroken(Tensor x, int rows) {
        Contract.firstBroken(this, x, rows);
        return new BrokenRows(own(x).values(), rows, x.extent(1)).first(threads);
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        Contract.pool(this, x, from, rows, block, poolings.size(), pooled, at);
        new BlockPooler(new FloatRows(own(x)), from, rows, block, poolings, own(pooled), at).run(threads);
    }

    @Override
    public void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        SelectionContract.projectHeads(this, pooled, weights, from, rows, y);
        new HeadProjection(own(pooled), own(weights), from, rows, own(y)).run(threads);
    }

    @Override
    public BlockMask select(Tensor queries, BlockKeys keys, int firstRow, int rows, int totalBlocks, int block,
                            double scale, SelectionRule rule, ForcedBlocks forced, Arena arena) {
        SelectionContract.select(this, queries, keys, firstRow, rows, totalBlocks, arena);
        var scores = new BlockScores(own(queries), own(keys.vectors()), keys.fold(), keys.count(), firstRow, scale,
                threads);
        var selection = new RowSelection(rule, forced, totalBlocks);
        return new BlockSelection(scores, selection, queries.extent(0), firstRow, rows, block).run(threads);
    }

    @Override
    public long[] kept(List<BlockMask> masks) {
        return masks.stream().mapToLong(BlockMask::kept).toArray();
    }

    @Override
    public float[] blockScores(Tensor queries, BlockKeys keys, int head, int firstRow, int rows, double scale) {
        SelectionContract.blockScores(this, queries, keys, firstRow, rows);
        return new BlockScores(own(queries), own(keys.vectors()), keys.fold(), keys.count(), firstRow, scale, threads)
                .map(head, rows, threads);
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                                   int head) {
        Contract.pooledAttention(this, q, rows, offset, cache, logSumExp, block, head);
        return new HeadScores(own(q), rows, offset, own(cache), own(logSumExp), block, head)
                .map(threads, new PooledMap(block));
    }

    @Override
    public float[] blockMass(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block, int head,
                             MassPooling pooling) {
        Contract.blockMass(this, q, rows, offset, cache, logSumExp, block, head);
        return new HeadScores(own(q), rows, offset, own(cache), own(logSumExp), block, head)
                .map(threads, new MassMap(block, pooling));
    }

    @Override
    public Optional<Gradients> gradients() {
        return rounding ? Optional.empty() : Optional.of(new CpuGradients(this, threads));
    }

    @Override
    public double peakFlops() {
        return FmaLoop.flops(threads);
    }

    @Override
    public void close() {
        everything.close();
        threads.close();
    }

    private RowNorm norm(Tensor weight, double epsilon) {
        return new RowNorm(own(weight).values(), epsilon);
    }

    /// Weights of a layer, as its products take them.
    private CpuMatrix layer(Matrix matrix) {
        return rounding ? own(matrix).forRoundedRows() : own(matrix);
    }

    private static CpuTensor own(Tensor tensor) {
        return (CpuTensor) tensor;
    }

    private static CpuMatrix own(Matrix matrix) {
        return (CpuMatrix) matrix;
    }

    private static CpuCache own(KeyValueCache cache) {
        return (CpuCache) cache;
    }

    /// Means of blocks, whose tensors are the rows themselves and no copies.
    private static CpuCache floats(KeyValueCache means) {
        if (means.type() != ElementType.F32) {
            throw new IllegalArgumentException("means of blocks in " + means.type().name().toLowerCase(Locale.ROOT)
                    + " on the cpu backend, wanted f32");
        }
        return (CpuCache) means;
    }
}
