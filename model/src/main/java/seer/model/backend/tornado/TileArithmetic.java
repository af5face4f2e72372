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
import seer.model.backend.LayerEntry;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.TileCache;
import seer.model.backend.tornado.device.TileMatrix;
import seer.model.backend.tornado.device.TileTensor;

/// Weights, activations and the cache in bf16 on tensor cores; the residual stream and gates in fp32.
///
/// @param floats what gates do behind pooling, as on any device
/// @param rung   which tensor cores, as results say it
record TileArithmetic(TileLayers layers, TilePasses passes, TileAttention attention, TilePools pools, Gate gates,
                      Layers floats, Selection selection, String rung) implements Arithmetic {

    @Override
    public ElementType type() {
        return ElementType.BF16;
    }

    @Override
    public String named() {
        return "bf16, " + rung;
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        layers.embed((TileMatrix) table, tokens, from, count, floats(x, "x"));
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias, Tensor q, Tensor k,
                        Tensor v) {
        layers.project(floats(x, "x"), rows, floats(norm, "norm"), epsilon, (TileMatrix) qkv,
                bias == null ? null : floats(bias, "bias"), tiles(q, "q"), tiles(k, "k"), tiles(v, "v"));
    }

    /// See [seer.model.backend.Backend#enter].
    boolean enter(LayerEntry entry) {
        return passes.enter(entry);
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon) {
        passes.normHeads(tiles(x, "x"), rows, floats(norm, "norm"), epsilon);
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target, int at) {
        if (x instanceof DeviceTensor vectors) {
            floats.rotate(vectors, from, rows, rotary, first, step, floats(target, "target"), at);
        } else {
            layers.rotate(tiles(x, "x"), from, rows, rotary, first, step, tiles(target, "target"), at);
        }
    }

    @Override
    public void append(Tensor k, Tensor v, int rows, Rotary rotary, int offset, KeyValueCache cache) {
        layers.append(tiles(k, "k"), tiles(v, "v"), rows, rotary, offset, (TileCache) cache);
    }

    @Override
    public void attend(Tensor q, int rows, int offset, KeyValueCache cache, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        attention.attend(tiles(q, "q"), rows, offset, (TileCache) cache, mask, tiles(out, "out"),
                logSumExp == null ? null : floats(logSumExp, "logSumExp"));
    }

    @Override
    public void addDeltas(Tensor q, int rows, int offset, int spacing, KeyValueCache cache, Tensor out) {
        attention.addDeltas(new DeltaTask(rows, offset, spacing), tiles(q, "q"), (TileCache) cache, tiles(out, "out"));
    }

    @Override
    public void averageBlocks(KeyValueCache cache, int from, int blocks, int block, KeyValueCache means) {
        attention.averageBlocks((TileCache) cache, from, blocks, block, (TileCache) means);
    }

    @Override
    public void attendRest(Tensor q, int rows, int offset, KeyValueCache means, BlockMask mask, Tensor out,
                           Tensor logSumExp) {
        attention.attendRest(tiles(q, "q"), rows, offset, (TileCache) means, mask, tiles(out, "out"),
                floats(logSumExp, "logSumExp"));
    }

    @Override
    public void attendOne(Tensor q, int position, KeyValueCache cache, BlockMask mask, Tensor out) {
        attention.attendOne(tiles(q, "q"), position, (TileCache) cache, mask, tiles(out, "out"));
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        layers.addProjected(tiles(y, "y"), rows, (TileMatrix) w, floats(x, "x"));
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        var pair = (TileMatrix) gateUp;
        if (!pair.paired()) {
            throw new IllegalArgumentException("gateUp is one matrix, wanted a pair: load it by Arena.pair");
        }
        layers.feedForward(floats(x, "x"), rows, floats(norm, "norm"), epsilon, pair, (TileMatrix) down);
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        return layers.logits(floats(x, "x"), row, floats(norm, "norm"), epsilon, (TileMatrix) head);
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        return layers.score(floats(x, "x"), rows, floats(norm, "norm"), epsilon, (TileMatrix) head, targets);
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        if (x instanceof DeviceTensor vectors) {
            selection.pool(vectors, from, rows, block, poolings, floats(pooled, "pooled"), at);
        } else {
            pools.pool(tiles(x, "x"), from, rows, block, poolings, floats(pooled, "pooled"), at);
        }
    }

    @Override
    public BlockMask gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                          SelectionRule rule, ForcedBlocks forced, DeviceArena arena) {
        return gates.select(queries, keys, chunk, rotary, scale, rule, forced, arena);
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                                   int head, int count) {
        return attention.pooledAttention(tiles(q, "q"), rows, offset, (TileCache) cache,
                floats(logSumExp, "logSumExp"), block, head, count);
    }

    @Override
    public float[] blockMass(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block, int head,
                             int count, MassPooling pooling) {
        return attention.blockMass(tiles(q, "q"), rows, offset, (TileCache) cache, floats(logSumExp, "logSumExp"),
                block, head, count, pooling);
    }

    static TileTensor tiles(Tensor tensor, String name) {
        if (tensor instanceof TileTensor own) {
            return own;
        }
        throw new IllegalArgumentException(name + " is in " + tensor.type()
                + ", wanted BF16: allocate it by Arena.activations");
    }

    static DeviceTensor floats(Tensor tensor, String name) {
        if (tensor instanceof DeviceTensor own) {
            return own;
        }
        throw new IllegalArgumentException(name + " is in " + tensor.type()
                + ", wanted F32: allocate it by Arena.allocate");
    }
}
