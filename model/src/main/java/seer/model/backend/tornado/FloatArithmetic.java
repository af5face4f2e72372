package seer.model.backend.tornado;

import java.util.List;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.MassPooling;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.ElementType;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceCache;
import seer.model.backend.tornado.device.DeviceMatrix;
import seer.model.backend.tornado.device.DeviceTensor;

/// Everything in fp32, by kernels that run on any device.
record FloatArithmetic(Layers layers, Attention attention, Selection selection, Gate gates) implements Arithmetic {

    @Override
    public ElementType type() {
        return ElementType.F32;
    }

    @Override
    public String named() {
        return "f32, no tensor cores";
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        layers.embed(own(table), tokens, from, count, own(x));
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias, Tensor q, Tensor k,
                        Tensor v) {
        layers.project(own(x), rows, own(norm), epsilon, own(qkv), bias == null ? null : own(bias), own(q), own(k),
                own(v));
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon) {
        layers.normHeads(own(x), rows, own(norm), epsilon);
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target, int at) {
        layers.rotate(own(x), from, rows, rotary, first, step, own(target), at);
    }

    @Override
    public void append(Tensor k, Tensor v, int rows, Rotary rotary, int offset, KeyValueCache cache) {
        layers.append(own(k), own(v), rows, rotary, offset, own(cache));
    }

    @Override
    public void attend(Tensor q, int rows, int offset, KeyValueCache cache, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        attention.attend(own(q), rows, offset, own(cache), mask, own(out), logSumExp == null ? null : own(logSumExp));
    }

    @Override
    public void addDeltas(Tensor q, int rows, int offset, int spacing, KeyValueCache cache, Tensor out) {
        attention.addDeltas(new DeltaTask(rows, offset, spacing), own(q), own(cache), own(out));
    }

    @Override
    public void averageBlocks(KeyValueCache cache, int from, int blocks, int block, KeyValueCache means) {
        var average = List.of(Pooling.AVG);
        selection.pool(own(cache).keys(), from * block, blocks * block, block, average, own(means).keys(), from);
        selection.pool(own(cache).values(), from * block, blocks * block, block, average, own(means).values(), from);
    }

    @Override
    public void attendRest(Tensor q, int rows, int offset, KeyValueCache means, BlockMask mask, Tensor out,
                           Tensor logSumExp) {
        attention.attendRest(own(q), rows, offset, own(means), mask, own(out), own(logSumExp));
    }

    @Override
    public void attendOne(Tensor q, int position, KeyValueCache cache, BlockMask mask, Tensor out) {
        attention.attendOne(own(q), position, own(cache), mask, own(out));
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        layers.addProjected(own(y), rows, own(w), own(x));
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        layers.feedForward(own(x), rows, own(norm), epsilon, own(gateUp), own(down));
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        return layers.logits(own(x), row, own(norm), epsilon, own(head));
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        return layers.score(own(x), rows, own(norm), epsilon, own(head), targets);
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        selection.pool(own(x), from, rows, block, poolings, own(pooled), at);
    }

    @Override
    public BlockMask gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                          SelectionRule rule, ForcedBlocks forced, DeviceArena arena) {
        return gates.select(queries, keys, chunk, rotary, scale, rule, forced, arena);
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                                   int head, int count) {
        return attention.pooledAttention(own(q), rows, offset, own(cache), own(logSumExp), block, head, count);
    }

    @Override
    public float[] blockMass(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block, int head,
                             int count, MassPooling pooling) {
        return attention.blockMass(own(q), rows, offset, own(cache), own(logSumExp), block, head, count, pooling);
    }

    private static DeviceTensor own(Tensor tensor) {
        return (DeviceTensor) tensor;
    }

    private static DeviceMatrix own(Matrix matrix) {
        return (DeviceMatrix) matrix;
    }

    private static DeviceCache own(KeyValueCache cache) {
        return (DeviceCache) cache;
    }
}
