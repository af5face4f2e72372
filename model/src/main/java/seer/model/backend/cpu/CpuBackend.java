package seer.model.backend.cpu;

import java.util.Arrays;
import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Backend;
import seer.model.backend.BackendInfo;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Shapes;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.load.WeightTensor;

/// All operations on the processor, with the Vector API, on a fixed number of threads.
///
/// Tensors are arrays on the Java heap. Shapes are checked here, once; the classes behind do not check again.
/// Closing stops the threads; what was computed stays readable.
public final class CpuBackend implements Backend {
    private final CpuThreads threads;

    /// @param threads worker threads, the calling one included
    /// @throws seer.model.backend.BackendUnavailableException where this JVM has no Vector API
    public CpuBackend(int threads) {
        Processor.requireVectors();
        this.threads = new CpuThreads(threads);
    }

    @Override
    public BackendInfo info() {
        return new BackendInfo("cpu", Processor.name(), Processor.detail(), threads.count());
    }

    @Override
    public Tensor allocate(int... shape) {
        return CpuTensor.of(new float[CpuTensor.size(shape)], shape);
    }

    @Override
    public Tensor upload(float[] values, int... shape) {
        return CpuTensor.of(values.clone(), shape);
    }

    @Override
    public long bytes(int... shape) {
        long bytes = Float.BYTES;
        for (int extent : shape) {
            bytes = Math.multiplyExact(bytes, (long) extent);
        }
        return bytes;
    }

    @Override
    public Tensor vector(WeightTensor weights) {
        float[] values = weights.finiteFloats();
        return CpuTensor.of(values, values.length);
    }

    @Override
    public Matrix matrix(List<WeightTensor> stacked) {
        return CpuMatrix.stack(stacked, threads);
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        CpuMatrix weights = Check.matrix(table, "table");
        CpuTensor target = Check.tensor(x, "x", 2);
        Shapes.extent(target, "x", 1, weights.inputs());
        Shapes.rows(target, "x", 0, count);
        for (int t = 0; t < count; t++) {
            int token = tokens[from + t];
            if (token < 0 || token >= weights.outputs()) {
                throw new IllegalArgumentException(
                        "token " + token + " at " + (from + t) + " is not in a table of " + weights.outputs());
            }
            weights.row(token, target.values(), t * weights.inputs());
        }
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias,
                        Tensor q, Tensor k, Tensor v, int offset) {
        CpuMatrix w = Check.matrix(qkv, "qkv");
        CpuTensor stream = Check.stream(x, rows, w.inputs());
        CpuTensor queries = Check.tensor(q, "q", 3);
        CpuTensor keys = Check.tensor(k, "k", 3);
        CpuTensor values = Check.tensor(v, "v", 3);
        Shapes.rows(queries, "q", 1, rows);
        Shapes.rows(keys, "k", 1, rows);
        Shapes.rows(values, "v", 1, offset + rows);
        Shapes.same("value heads", values.extent(0), keys.extent(0));
        Shapes.same("outputs of qkv", w.outputs(),
                (queries.extent(0) + 2 * keys.extent(0)) * queries.extent(2));
        float[] shift = bias == null ? null : Check.vector(bias, "bias", w.outputs());
        PanelMatmul.run(threads, stream.values(), rows, norm(norm, epsilon, w), w,
                new Projection(shift, queries, keys, values, offset));
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon) {
        CpuTensor heads = Check.tensor(x, "x", 3);
        CpuTensor weight = Check.tensor(norm, "norm", 1);
        Shapes.rows(heads, "x", 1, rows);
        Shapes.extent(weight, "norm", 0, heads.extent(2));
        var each = new RowNorm(weight.values(), epsilon);
        threads.run(heads.extent(0), (head, scratch) ->
                each.inPlace(heads.values(), head * heads.extent(1) * heads.extent(2), rows));
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target,
                       int at) {
        CpuTensor source = Check.tensor(x, "x", 3);
        CpuTensor turned = Check.tensor(target, "target", 3);
        Shapes.rows(source, "x", 1, from + rows);
        Shapes.rows(turned, "target", 1, at + rows);
        Shapes.same("heads of target", turned.extent(0), source.extent(0));
        Shapes.same("width of target", turned.extent(2), source.extent(2));
        if (rotary.width() > source.extent(2)) {
            throw new IllegalArgumentException("rotary width is " + rotary.width() + ", x is only "
                    + source.extent(2) + " wide");
        }
        new Rotation(rotary, first, step).run(threads, source, from, rows, turned, at);
    }

    @Override
    public void attend(Tensor q, int rows, int offset, Tensor keys, Tensor values, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        CpuTensor queries = Check.tensor(q, "q", 3);
        CpuTensor k = Check.cache(keys, "keys", queries, offset + rows);
        CpuTensor v = Check.cache(values, "values", queries, offset + rows);
        Shapes.same("rows of values", v.extent(1), k.extent(1));
        CpuTensor o = Check.tensor(out, "out", 2);
        Shapes.rows(queries, "q", 1, rows);
        Shapes.rows(o, "out", 0, rows);
        Shapes.extent(o, "out", 1, queries.extent(0) * queries.extent(2));
        Shapes.same("heads of the mask", mask.heads(), queries.extent(0));
        Shapes.same("first position of the mask", mask.firstRow() * mask.block(), offset);
        Shapes.same("query blocks of the mask", mask.rows(), (rows + mask.block() - 1) / mask.block());
        CpuTensor lse = logSumExp == null ? null : Check.tensor(logSumExp, "logSumExp", 2);
        if (lse != null) {
            Shapes.extent(lse, "logSumExp", 0, queries.extent(0));
            Shapes.rows(lse, "logSumExp", 1, rows);
        }
        new SparseAttention(queries, rows, offset, k, v, mask, o, lse).run(threads);
    }

    @Override
    public void attendOne(Tensor q, int position, Tensor keys, Tensor values, Tensor out) {
        CpuTensor queries = Check.tensor(q, "q", 3);
        CpuTensor k = Check.cache(keys, "keys", queries, position + 1);
        CpuTensor v = Check.cache(values, "values", queries, position + 1);
        Shapes.same("rows of values", v.extent(1), k.extent(1));
        CpuTensor o = Check.tensor(out, "out", 2);
        Shapes.rows(o, "out", 0, 1);
        Shapes.extent(o, "out", 1, queries.extent(0) * queries.extent(2));
        new DecodeAttention(queries, position, k, v, o).run(threads);
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        CpuMatrix weights = Check.matrix(w, "w");
        CpuTensor source = Check.tensor(y, "y", 2);
        Shapes.rows(source, "y", 0, rows);
        Shapes.extent(source, "y", 1, weights.inputs());
        CpuTensor stream = Check.stream(x, rows, weights.outputs());
        PanelMatmul.run(threads, source.values(), rows, null, weights,
                new Residual(stream.values(), weights.outputs()));
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        CpuMatrix up = Check.matrix(gateUp, "gateUp");
        CpuMatrix back = Check.matrix(down, "down");
        CpuTensor stream = Check.stream(x, rows, up.inputs());
        Shapes.same("outputs of gateUp", up.outputs(), 2 * back.inputs());
        Shapes.same("outputs of down", back.outputs(), up.inputs());
        new FeedForward(norm(norm, epsilon, up), up, back, stream.values(), rows).run(threads);
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        CpuMatrix w = Check.matrix(head, "head");
        CpuTensor stream = Check.stream(x, row + 1, w.inputs());
        float[] one = Arrays.copyOfRange(stream.values(), row * w.inputs(), (row + 1) * w.inputs());
        var logits = new float[w.outputs()];
        PanelMatmul.run(threads, one, 1, norm(norm, epsilon, w), w, (r, rows, column, columns, tile) ->
                System.arraycopy(tile, 0, logits, column, columns));
        return logits;
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        CpuMatrix w = Check.matrix(head, "head");
        CpuTensor stream = Check.stream(x, rows, w.inputs());
        if (targets.length < rows) {
            throw new IllegalArgumentException("got " + targets.length + " targets for " + rows + " rows");
        }
        var scoring = new TokenScoring(targets, rows);
        scoring.run(threads, stream.values(), norm(norm, epsilon, w), w);
        return new TokenScores(scoring.negativeLogLikelihood(), scoring.best());
    }

    @Override
    public int firstBroken(Tensor x, int rows) {
        CpuTensor stream = Check.tensor(x, "x", 2);
        Shapes.rows(stream, "x", 0, rows);
        return new BrokenRows(stream.values(), rows, stream.extent(1)).first(threads);
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        CpuTensor source = Check.tensor(x, "x", 3);
        CpuTensor target = Check.tensor(pooled, "pooled", 3);
        Shapes.rows(source, "x", 1, from + rows);
        Shapes.rows(target, "pooled", 1, at + (rows + block - 1) / block);
        Shapes.same("heads of pooled", target.extent(0), source.extent(0));
        Shapes.same("width of pooled", target.extent(2), poolings.size() * source.extent(2));
        new BlockPooler(source, from, rows, block, poolings, target, at).run(threads);
    }

    @Override
    public void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        CpuTensor source = Check.tensor(pooled, "pooled", 3);
        CpuTensor w = Check.tensor(weights, "weights", 3);
        CpuTensor target = Check.tensor(y, "y", 3);
        Shapes.divides("heads of pooled", source.extent(0), "heads of weights", w.extent(0));
        Shapes.same("inputs of weights", w.extent(1), source.extent(2));
        Shapes.same("heads of y", target.extent(0), w.extent(0));
        Shapes.same("width of y", target.extent(2), w.extent(2));
        Shapes.rows(source, "pooled", 1, from + rows);
        Shapes.rows(target, "y", 1, from + rows);
        new HeadProjection(source, w, from, rows, target).run(threads);
    }

    @Override
    public BlockMask select(Tensor queries, Tensor keys, int firstRow, int rows, int totalBlocks, int block,
                            double scale, SelectionRule rule, ForcedBlocks forced) {
        if (firstRow + rows > totalBlocks) {
            throw new IllegalArgumentException("rows " + firstRow + " to " + (firstRow + rows)
                    + " do not fit a prompt of " + totalBlocks + " blocks");
        }
        BlockScores scores = scores(queries, keys, firstRow, rows, scale);
        var selection = new RowSelection(rule, forced, totalBlocks);
        return new BlockSelection(scores, selection, queries.extent(0), firstRow, rows, block).run(threads);
    }

    @Override
    public float[] blockScores(Tensor queries, Tensor keys, int head, int firstRow, int rows, double scale) {
        return scores(queries, keys, firstRow, rows, scale).map(head, rows, threads);
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, Tensor keys, Tensor logSumExp, int block,
                                   int head) {
        CpuTensor queries = Check.tensor(q, "q", 3);
        CpuTensor k = Check.cache(keys, "keys", queries, offset + rows);
        CpuTensor lse = Check.tensor(logSumExp, "logSumExp", 2);
        Shapes.rows(queries, "q", 1, rows);
        Shapes.rows(lse, "logSumExp", 1, rows);
        Shapes.rows(queries, "q", 0, head + 1);
        Shapes.divides("block", block, "offset", offset);
        return new PooledMap(queries, rows, offset, k, lse, block, head).compute(threads);
    }

    @Override
    public double peakFlops() {
        return FmaLoop.flops(threads);
    }

    @Override
    public void close() {
        threads.close();
    }

    private BlockScores scores(Tensor queries, Tensor keys, int firstRow, int rows, double scale) {
        CpuTensor q = Check.tensor(queries, "queries", 3);
        CpuTensor k = Check.tensor(keys, "keys", 3);
        Shapes.rows(q, "queries", 1, rows);
        Shapes.rows(k, "keys", 1, firstRow + rows);
        Shapes.same("width of keys", k.extent(2), q.extent(2));
        Shapes.divides("heads of keys", k.extent(0), "heads of queries", q.extent(0));
        return new BlockScores(q, k, firstRow, rows, scale, threads);
    }

    private static RowNorm norm(Tensor weight, double epsilon, CpuMatrix w) {
        return new RowNorm(Check.vector(weight, "norm", w.inputs()), epsilon);
    }
}
