package seer.model.backend.tornado;

import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Backend;
import seer.model.backend.BackendInfo;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Shapes;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.load.WeightTensor;

/// All operations on a device, as TornadoVM task graphs; under the simulator, the same graphs in plain Java.
///
/// Tensors stay on the device: tokens and a few integers go in with an operation, and only what is asked for comes
/// out ([Tensor#download()], logits, scores, the number of kept blocks). The host packs weights and reads results,
/// nothing more.
public final class TornadoBackend implements Backend {
    /// Elements of an array at most.
    private static final long LARGEST = Integer.MAX_VALUE - 1024L;

    private final Installation installation;
    private final Device device;
    private final Check check;
    private final Layers layers;
    private final Selection selection;
    private final Gate gate;
    private final Attention attention;

    /// Takes TornadoVM's default device.
    ///
    /// @throws seer.model.backend.BackendUnavailableException saying what is missing
    public TornadoBackend() {
        installation = Installation.open();
        device = new Device(installation.device(), installation.simulated());
        check = new Check(device);
        var frequencies = new Frequencies(device);
        layers = new Layers(device, frequencies);
        selection = new Selection(device);
        gate = new Gate(device, selection, frequencies);
        attention = new Attention(device, selection);
    }

    @Override
    public BackendInfo info() {
        return installation.info();
    }

    @Override
    public long compileNanos() {
        return device.compileNanos();
    }

    @Override
    public Tensor allocate(int... shape) {
        DeviceTensor tensor = tensor(shape);
        device.clear(tensor.offset(), tensor.size());
        return tensor;
    }

    @Override
    public Tensor upload(float[] values, int... shape) {
        DeviceTensor tensor = tensor(shape);
        Shapes.same("values", values.length, tensor.size());
        device.write(values.clone(), tensor.offset());
        return tensor;
    }

    private DeviceTensor tensor(int... shape) {
        long bytes = bytes(shape);
        if (bytes / Float.BYTES > LARGEST) {
            throw new IllegalArgumentException("a tensor has more than 2^31 elements");
        }
        device.scratch().expectRows(shape.length > 1 ? shape[shape.length - 2] : 1);
        return new DeviceTensor(device, (int) (bytes / Float.BYTES), shape);
    }

    @Override
    public long bytes(int... shape) {
        long bytes = Float.BYTES;
        for (int extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException("a tensor extent is " + extent + ", wanted at least 0");
            }
            bytes = Math.multiplyExact(bytes, (long) extent);
        }
        return bytes;
    }

    @Override
    public Tensor vector(WeightTensor weights) {
        float[] values = weights.finiteFloats();
        return upload(values, values.length);
    }

    @Override
    public Matrix matrix(List<WeightTensor> stacked) {
        int outputs = Shapes.outputs(stacked);
        int inputs = stacked.getFirst().shape().getLast();
        long size = (long) outputs * inputs;
        if (size > LARGEST) {
            throw new IllegalArgumentException("a matrix has more than 2^31 elements");
        }
        device.scratch().expectWidth(inputs + outputs * 3L / 2);
        var matrix = new DeviceMatrix(device, device.weights().take((int) size, null), outputs, inputs);
        int at = matrix.offset();
        for (WeightTensor weights : stacked) {
            device.writeWeights(weights.finiteFloats(), at);
            at += Math.toIntExact(weights.size());
        }
        return matrix;
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        DeviceMatrix w = check.matrix(table, "table");
        DeviceTensor stream = check.stream(x, "x", count, w.inputs());
        for (int t = from; t < from + count; t++) {
            if (tokens[t] < 0 || tokens[t] >= w.outputs()) {
                throw new IllegalArgumentException(
                        "token " + tokens[t] + " at " + t + " is not in a table of " + w.outputs());
            }
        }
        layers.embed(w, tokens, from, count, stream);
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias, Tensor q, Tensor k,
                        Tensor v, int offset) {
        DeviceMatrix w = check.matrix(qkv, "qkv");
        DeviceTensor stream = check.stream(x, "x", rows, w.inputs());
        DeviceTensor queries = check.tensor(q, "q", 3);
        DeviceTensor keys = check.tensor(k, "k", 3);
        DeviceTensor values = check.tensor(v, "v", 3);
        Shapes.rows(queries, "q", 1, rows);
        Shapes.rows(keys, "k", 1, rows);
        Shapes.rows(values, "v", 1, offset + rows);
        Shapes.same("value heads", values.extent(0), keys.extent(0));
        Shapes.same("outputs of qkv", w.outputs(), (queries.extent(0) + 2 * keys.extent(0)) * queries.extent(2));
        layers.project(stream, rows, check.vector(norm, "norm", w.inputs()), epsilon, w,
                bias == null ? null : check.vector(bias, "bias", w.outputs()), queries, keys, values, offset);
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon) {
        DeviceTensor heads = check.tensor(x, "x", 3);
        DeviceTensor weight = check.tensor(norm, "norm", 1);
        Shapes.rows(heads, "x", 1, rows);
        Shapes.extent(weight, "norm", 0, heads.extent(2));
        layers.normHeads(heads, rows, weight, epsilon);
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target, int at) {
        DeviceTensor source = check.tensor(x, "x", 3);
        DeviceTensor turned = check.tensor(target, "target", 3);
        Shapes.rows(source, "x", 1, from + rows);
        Shapes.rows(turned, "target", 1, at + rows);
        Shapes.same("heads of target", turned.extent(0), source.extent(0));
        Shapes.same("width of target", turned.extent(2), source.extent(2));
        if (rotary.width() > source.extent(2)) {
            throw new IllegalArgumentException("rotary width is " + rotary.width() + ", x is only "
                    + source.extent(2) + " wide");
        }
        layers.rotate(source, from, rows, rotary, first, step, turned, at);
    }

    @Override
    public void attend(Tensor q, int rows, int offset, Tensor keys, Tensor values, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        DeviceTensor queries = check.tensor(q, "q", 3);
        DeviceTensor k = check.cache(keys, "keys", queries, offset + rows);
        DeviceTensor v = check.cache(values, "values", queries, offset + rows);
        Shapes.same("rows of values", v.extent(1), k.extent(1));
        DeviceTensor o = check.stream(out, "out", rows, queries.extent(0) * queries.extent(2));
        Shapes.rows(queries, "q", 1, rows);
        Shapes.same("heads of the mask", mask.heads(), queries.extent(0));
        Shapes.same("first position of the mask", mask.firstRow() * mask.block(), offset);
        Shapes.same("query blocks of the mask", mask.rows(), Math.ceilDiv(rows, mask.block()));
        DeviceTensor lse = logSumExp == null ? null : check.tensor(logSumExp, "logSumExp", 2);
        if (lse != null) {
            Shapes.extent(lse, "logSumExp", 0, queries.extent(0));
            Shapes.rows(lse, "logSumExp", 1, rows);
        }
        attention.attend(queries, rows, offset, k, v, mask, o, lse);
    }

    @Override
    public void attendOne(Tensor q, int position, Tensor keys, Tensor values, Tensor out) {
        DeviceTensor queries = check.tensor(q, "q", 3);
        DeviceTensor k = check.cache(keys, "keys", queries, position + 1);
        DeviceTensor v = check.cache(values, "values", queries, position + 1);
        Shapes.same("rows of values", v.extent(1), k.extent(1));
        attention.attendOne(queries, position, k, v,
                check.stream(out, "out", 1, queries.extent(0) * queries.extent(2)));
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        DeviceMatrix weights = check.matrix(w, "w");
        DeviceTensor source = check.stream(y, "y", rows, weights.inputs());
        layers.addProjected(source, rows, weights, check.stream(x, "x", rows, weights.outputs()));
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        DeviceMatrix up = check.matrix(gateUp, "gateUp");
        DeviceMatrix back = check.matrix(down, "down");
        Shapes.same("outputs of gateUp", up.outputs(), 2 * back.inputs());
        Shapes.same("outputs of down", back.outputs(), up.inputs());
        layers.feedForward(check.stream(x, "x", rows, up.inputs()), rows, check.vector(norm, "norm", up.inputs()),
                epsilon, up, back);
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        DeviceMatrix w = check.matrix(head, "head");
        return layers.logits(check.stream(x, "x", row + 1, w.inputs()), row, check.vector(norm, "norm", w.inputs()),
                epsilon, w);
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        DeviceMatrix w = check.matrix(head, "head");
        if (targets.length < rows) {
            throw new IllegalArgumentException("got " + targets.length + " targets for " + rows + " rows");
        }
        return layers.score(check.stream(x, "x", rows, w.inputs()), rows, check.vector(norm, "norm", w.inputs()),
                epsilon, w, targets);
    }

    @Override
    public int firstBroken(Tensor x, int rows) {
        DeviceTensor stream = check.tensor(x, "x", 2);
        Shapes.rows(stream, "x", 0, rows);
        return layers.firstBroken(stream, rows);
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        DeviceTensor source = check.tensor(x, "x", 3);
        DeviceTensor target = check.tensor(pooled, "pooled", 3);
        Shapes.rows(source, "x", 1, from + rows);
        Shapes.rows(target, "pooled", 1, at + Math.ceilDiv(rows, block));
        Shapes.same("heads of pooled", target.extent(0), source.extent(0));
        Shapes.same("width of pooled", target.extent(2), poolings.size() * source.extent(2));
        selection.pool(source, from, rows, block, poolings, target, at);
    }

    @Override
    public void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        DeviceTensor source = check.tensor(pooled, "pooled", 3);
        DeviceTensor w = check.tensor(weights, "weights", 3);
        DeviceTensor target = check.tensor(y, "y", 3);
        Shapes.divides("heads of pooled", source.extent(0), "heads of weights", w.extent(0));
        Shapes.same("inputs of weights", w.extent(1), source.extent(2));
        Shapes.same("heads of y", target.extent(0), w.extent(0));
        Shapes.same("width of y", target.extent(2), w.extent(2));
        Shapes.rows(source, "pooled", 1, from + rows);
        Shapes.rows(target, "y", 1, from + rows);
        selection.projectHeads(source, w, from, rows, target);
    }

    @Override
    public BlockMask select(Tensor queries, Tensor keys, int firstRow, int rows, int totalBlocks, int block,
                            double scale, SelectionRule rule, ForcedBlocks forced) {
        fits(firstRow, rows, totalBlocks);
        DeviceTensor q = check.tensor(queries, "queries", 3);
        return selection.select(q, keys(keys, q, firstRow, rows), firstRow, rows, totalBlocks, block, scale, rule,
                forced);
    }

    @Override
    public BlockMask gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                          SelectionRule rule, ForcedBlocks forced) {
        if (!gate.fits(queries, keys, chunk, rotary)) {
            return Backend.super.gate(queries, keys, chunk, rotary, scale, rule, forced);
        }
        check.side(queries, "queries", chunk, rotary);
        check.side(keys, "keys", chunk, rotary);
        int rows = chunk.blocks();
        fits(chunk.firstBlock(), rows, chunk.totalBlocks());
        DeviceTensor q = check.tensor(queries.vectors(), "queries", 3);
        keys(keys.vectors(), q, chunk.firstBlock(), rows);
        return gate.select(queries, keys, chunk, rotary, scale, rule, forced);
    }

    @Override
    public float[] blockScores(Tensor queries, Tensor keys, int head, int firstRow, int rows, double scale) {
        DeviceTensor q = check.tensor(queries, "queries", 3);
        return selection.blockScores(q, keys(keys, q, firstRow, rows), head, firstRow, rows, scale);
    }

    private static void fits(int firstRow, int rows, int totalBlocks) {
        if (firstRow + rows > totalBlocks) {
            throw new IllegalArgumentException("rows " + firstRow + " to " + (firstRow + rows)
                    + " do not fit a prompt of " + totalBlocks + " blocks");
        }
    }

    private DeviceTensor keys(Tensor keys, DeviceTensor q, int firstRow, int rows) {
        DeviceTensor k = check.tensor(keys, "keys", 3);
        Shapes.rows(q, "queries", 1, rows);
        Shapes.rows(k, "keys", 1, firstRow + rows);
        Shapes.same("width of keys", k.extent(2), q.extent(2));
        Shapes.divides("heads of keys", k.extent(0), "heads of queries", q.extent(0));
        return k;
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, Tensor keys, Tensor logSumExp, int block,
                                   int head) {
        DeviceTensor queries = check.tensor(q, "q", 3);
        DeviceTensor k = check.cache(keys, "keys", queries, offset + rows);
        DeviceTensor lse = check.tensor(logSumExp, "logSumExp", 2);
        Shapes.rows(queries, "q", 1, rows);
        Shapes.rows(lse, "logSumExp", 1, rows);
        Shapes.rows(queries, "q", 0, head + 1);
        Shapes.divides("block", block, "offset", offset);
        return attention.pooledAttention(queries, rows, offset, k, lse, block, head);
    }

    /// Multiply-adds in registers of all multiprocessors, by the kernel of [seer.kernels.MultiplyAdd].
    @Override
    public double peakFlops() {
        return new Yardstick(device).flops(installation.simulated() ? 1 : Yardstick.GROUPS);
    }

    /// Gives the device's memory back; tensors can no longer be downloaded.
    @Override
    public void close() {
        device.close();
    }
}
