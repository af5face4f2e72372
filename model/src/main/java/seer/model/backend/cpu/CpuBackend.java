package seer.model.backend.cpu;

import java.util.Arrays;
import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Backend;
import seer.model.backend.BackendInfo;
import seer.model.backend.Contract;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.load.WeightTensor;

/// All operations on the processor, with the Vector API, on a fixed number of threads.
///
/// Tensors are arrays on the Java heap. [Contract] has checked what the classes behind are given.
/// Closing stops the threads; what was computed stays readable.
public final class CpuBackend implements Backend {
    private final CpuThreads threads;

    /// @param threads worker threads, the calling one included
    public CpuBackend(int threads) {
        this.threads = new CpuThreads(threads);
    }

    @Override
    public BackendInfo info() {
        return new BackendInfo("cpu", Processor.name(), Processor.detail(), threads.count());
    }

    @Override
    public Tensor allocate(int... shape) {
        int elements = Contract.inOneArray("a tensor", Contract.elements(shape));
        return new CpuTensor(new float[elements], shape.clone());
    }

    @Override
    public Tensor upload(float[] values, int... shape) {
        Contract.upload(values, shape);
        return new CpuTensor(values.clone(), shape.clone());
    }

    @Override
    public long bytes(int... shape) {
        return Math.multiplyExact(Float.BYTES, Contract.elements(shape));
    }

    @Override
    public Tensor vector(WeightTensor weights) {
        float[] values = weights.floats();
        return new CpuTensor(values, new int[] {values.length});
    }

    @Override
    public Matrix matrix(List<WeightTensor> stacked) {
        return CpuMatrix.stack(stacked, Contract.matrix(stacked), threads);
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        Contract.embed(table, tokens, from, count, x);
        CpuMatrix weights = own(table);
        float[] stream = own(x).values();
        for (int t = 0; t < count; t++) {
            weights.row(tokens[from + t], stream, t * weights.inputs());
        }
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias,
                        Tensor q, Tensor k, Tensor v, int offset) {
        Contract.project(x, rows, norm, qkv, bias, q, k, v, offset);
        PanelMatmul.run(threads, own(x).values(), rows, norm(norm, epsilon), own(qkv),
                new Projection(bias == null ? null : own(bias).values(), own(q), own(k), own(v), offset));
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target,
                       int at) {
        Contract.rotate(x, from, rows, rotary, target, at);
        new Rotation(rotary, first, step).run(threads, own(x), from, rows, own(target), at);
    }

    @Override
    public void attend(Tensor q, int rows, int offset, Tensor keys, Tensor values, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        Contract.attend(q, rows, offset, keys, values, mask, out, logSumExp);
        new SparseAttention(own(q), rows, offset, own(keys), own(values), mask, own(out),
                logSumExp == null ? null : own(logSumExp)).run(threads);
    }

    @Override
    public void attendOne(Tensor q, int position, Tensor keys, Tensor values, Tensor out) {
        Contract.attendOne(q, position, keys, values, out);
        new DecodeAttention(own(q), position, own(keys), own(values), own(out)).run(threads);
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        Contract.addProjected(y, rows, w, x);
        PanelMatmul.run(threads, own(y).values(), rows, null, own(w), new Residual(own(x).values(), w.outputs()));
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        Contract.feedForward(x, rows, norm, gateUp, down);
        new FeedForward(norm(norm, epsilon), own(gateUp), own(down), own(x).values(), rows).run(threads);
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        Contract.logits(x, row, norm, head);
        float[] one = Arrays.copyOfRange(own(x).values(), row * head.inputs(), (row + 1) * head.inputs());
        var logits = new float[head.outputs()];
        PanelMatmul.run(threads, one, 1, norm(norm, epsilon), own(head), (r, rows, column, columns, tile) ->
                System.arraycopy(tile, 0, logits, column, columns));
        return logits;
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        Contract.score(x, rows, norm, head, targets);
        var scoring = new TokenScoring(targets, rows);
        scoring.run(threads, own(x).values(), norm(norm, epsilon), own(head));
        return new TokenScores(scoring.negativeLogLikelihood(), scoring.best());
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        Contract.pool(x, from, rows, block, poolings.size(), pooled, at);
        new BlockPooler(own(x), from, rows, block, poolings, own(pooled), at).run(threads);
    }

    @Override
    public void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        Contract.projectHeads(pooled, weights, from, rows, y);
        new HeadProjection(own(pooled), own(weights), from, rows, own(y)).run(threads);
    }

    @Override
    public BlockMask select(Tensor queries, Tensor keys, int firstRow, int rows, int totalBlocks, int block,
                            double scale, SelectionRule rule, ForcedBlocks forced) {
        Contract.select(queries, keys, firstRow, rows, totalBlocks);
        var scores = new BlockScores(own(queries), own(keys), firstRow, rows, scale, threads);
        var selection = new RowSelection(rule, forced, totalBlocks);
        return new BlockSelection(scores, selection, queries.extent(0), firstRow, rows, block).run(threads);
    }

    @Override
    public float[] blockScores(Tensor queries, Tensor keys, int head, int firstRow, int rows, double scale) {
        Contract.blockScores(queries, keys, firstRow, rows);
        return new BlockScores(own(queries), own(keys), firstRow, rows, scale, threads).map(head, rows, threads);
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, Tensor keys, Tensor logSumExp, int block,
                                   int head) {
        Contract.pooledAttention(q, rows, offset, keys, logSumExp, block, head);
        return new PooledMap(own(q), rows, offset, own(keys), own(logSumExp), block, head).compute(threads);
    }

    @Override
    public double peakFlops() {
        return FmaLoop.flops(threads);
    }

    @Override
    public void close() {
        threads.close();
    }

    private RowNorm norm(Tensor weight, double epsilon) {
        return new RowNorm(own(weight).values(), epsilon);
    }

    private static CpuTensor own(Tensor tensor) {
        if (!(tensor instanceof CpuTensor own)) {
            throw new IllegalArgumentException("a tensor of another backend was handed to the cpu backend");
        }
        return own;
    }

    private static CpuMatrix own(Matrix matrix) {
        if (!(matrix instanceof CpuMatrix own)) {
            throw new IllegalArgumentException("a matrix of another backend was handed to the cpu backend");
        }
        return own;
    }
}
