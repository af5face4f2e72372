package seer.model.backend.tornado;

import java.util.List;
import java.util.stream.Stream;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Backend;
import seer.model.backend.BackendInfo;
import seer.model.backend.Contract;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.load.WeightTensor;

/// All operations on a device, as TornadoVM task graphs; under the simulator, the same graphs in plain Java.
///
/// Tensors stay on the device: tokens and a few integers go in with an operation, and only what is asked for comes
/// out ([Tensor#download()], logits, scores, the number of kept blocks). The host packs weights and reads results,
/// nothing more.
public final class TornadoBackend implements Backend {
    private final Installation installation;
    private final Device device;
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
    public Tensor allocate(int... shape) {
        DeviceTensor tensor = tensor(shape);
        device.clear(tensor.offset(), tensor.size());
        return tensor;
    }

    @Override
    public Tensor upload(float[] values, int... shape) {
        Contract.upload(values, shape);
        DeviceTensor tensor = tensor(shape);
        device.write(values.clone(), tensor.offset());
        return tensor;
    }

    private DeviceTensor tensor(int... shape) {
        int elements = Contract.inOneArray("a tensor", Contract.elements(shape));
        device.scratch().expectRows(shape.length > 1 ? shape[shape.length - 2] : 1);
        return new DeviceTensor(device, elements, shape);
    }

    @Override
    public long bytes(int... shape) {
        return Math.multiplyExact(Float.BYTES, Contract.elements(shape));
    }

    @Override
    public Tensor vector(WeightTensor weights) {
        float[] values = weights.floats();
        return upload(values, values.length);
    }

    @Override
    public Matrix matrix(List<WeightTensor> stacked) {
        int outputs = Contract.matrix(stacked);
        int inputs = stacked.getFirst().shape().getLast();
        int elements = Contract.inOneArray("a matrix", (long) outputs * inputs);
        device.scratch().expectWidth(inputs + outputs * 3L / 2);
        var matrix = new DeviceMatrix(device, device.weights().take(elements, null), outputs, inputs);
        int at = matrix.offset();
        for (WeightTensor weights : stacked) {
            device.writeWeights(weights.floats(), at);
            at += Math.toIntExact(weights.size());
        }
        return matrix;
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        Contract.embed(table, tokens, from, count, x);
        layers.embed(own(table), tokens, from, count, own(x));
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias, Tensor q, Tensor k,
                        Tensor v, int offset) {
        Contract.project(x, rows, norm, qkv, bias, q, k, v, offset);
        layers.project(own(x), rows, own(norm), epsilon, own(qkv), bias == null ? null : own(bias), own(q), own(k),
                own(v), offset);
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target, int at) {
        Contract.rotate(x, from, rows, rotary, target, at);
        layers.rotate(own(x), from, rows, rotary, first, step, own(target), at);
    }

    @Override
    public void attend(Tensor q, int rows, int offset, Tensor keys, Tensor values, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        Contract.attend(q, rows, offset, keys, values, mask, out, logSumExp);
        attention.attend(own(q), rows, offset, own(keys), own(values), mask, own(out),
                logSumExp == null ? null : own(logSumExp));
    }

    @Override
    public void attendOne(Tensor q, int position, Tensor keys, Tensor values, Tensor out) {
        Contract.attendOne(q, position, keys, values, out);
        attention.attendOne(own(q), position, own(keys), own(values), own(out));
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        Contract.addProjected(y, rows, w, x);
        layers.addProjected(own(y), rows, own(w), own(x));
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        Contract.feedForward(x, rows, norm, gateUp, down);
        layers.feedForward(own(x), rows, own(norm), epsilon, own(gateUp), own(down));
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        Contract.logits(x, row, norm, head);
        return layers.logits(own(x), row, own(norm), epsilon, own(head));
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        Contract.score(x, rows, norm, head, targets);
        return layers.score(own(x), rows, own(norm), epsilon, own(head), targets);
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        Contract.pool(x, from, rows, block, poolings.size(), pooled, at);
        selection.pool(own(x), from, rows, block, poolings, own(pooled), at);
    }

    @Override
    public void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        Contract.projectHeads(pooled, weights, from, rows, y);
        selection.projectHeads(own(pooled), own(weights), from, rows, own(y));
    }

    @Override
    public BlockMask select(Tensor queries, Tensor keys, int firstRow, int rows, int totalBlocks, int block,
                            double scale, SelectionRule rule, ForcedBlocks forced) {
        Contract.select(queries, keys, firstRow, rows, totalBlocks);
        return selection.select(own(queries), own(keys), firstRow, rows, totalBlocks, block, scale, rule, forced);
    }

    @Override
    public BlockMask gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                          SelectionRule rule, ForcedBlocks forced) {
        Contract.gate(queries, keys, chunk, rotary);
        for (GateSide side : List.of(queries, keys)) {
            Stream.of(side.raw(), side.pooled(), side.vectors()).forEach(this::own);
            if (side.weights() != null) {
                own(side.weights());
            }
        }
        return gate.fits(queries, keys, chunk) ? gate.select(queries, keys, chunk, rotary, scale, rule, forced)
                : Backend.super.gate(queries, keys, chunk, rotary, scale, rule, forced);
    }

    @Override
    public float[] blockScores(Tensor queries, Tensor keys, int head, int firstRow, int rows, double scale) {
        Contract.blockScores(queries, keys, firstRow, rows);
        return selection.blockScores(own(queries), own(keys), head, firstRow, rows, scale);
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, Tensor keys, Tensor logSumExp, int block,
                                   int head) {
        Contract.pooledAttention(q, rows, offset, keys, logSumExp, block, head);
        return attention.pooledAttention(own(q), rows, offset, own(keys), own(logSumExp), block, head);
    }

    private DeviceTensor own(Tensor tensor) {
        if (!(tensor instanceof DeviceTensor own) || own.device() != device) {
            throw new IllegalArgumentException("a tensor of another backend was handed to this tornado backend");
        }
        return own;
    }

    private DeviceMatrix own(Matrix matrix) {
        if (!(matrix instanceof DeviceMatrix own) || own.device() != device) {
            throw new IllegalArgumentException("a matrix of another backend was handed to this tornado backend");
        }
        return own;
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
