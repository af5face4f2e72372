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

/// The operations of a backend whose kernels depend on how numbers are stored: in fp32 on any device, or in bf16 on
/// tensor cores. Operands are checked already; what they mean is said in [seer.model.backend.Backend].
interface Arithmetic {

    /// How weights, activations and the cache are stored.
    ElementType type();

    /// Precision and the rung of attention and products, as results name them.
    String named();

    void embed(Matrix table, int[] tokens, int from, int count, Tensor x);

    void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias, Tensor q, Tensor k,
                 Tensor v);

    void normHeads(Tensor x, int rows, Tensor norm, double epsilon);

    void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target, int at);

    void append(Tensor k, Tensor v, int rows, Rotary rotary, int offset, KeyValueCache cache);

    void attend(Tensor q, int rows, int offset, KeyValueCache cache, BlockMask mask, Tensor out, Tensor logSumExp);

    void addDeltas(Tensor q, int rows, int offset, int spacing, KeyValueCache cache, Tensor out);

    void averageBlocks(KeyValueCache cache, int from, int blocks, int block, KeyValueCache means);

    void attendRest(Tensor q, int rows, int offset, KeyValueCache means, BlockMask mask, Tensor out,
                    Tensor logSumExp);

    /// @param mask null for every key
    void attendOne(Tensor q, int position, KeyValueCache cache, BlockMask mask, Tensor out);

    void addProjected(Tensor y, int rows, Matrix w, Tensor x);

    void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down);

    float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head);

    TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets);

    void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at);

    /// A whole gate in one graph, or null where it has to go step by step.
    BlockMask gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale, SelectionRule rule,
                   ForcedBlocks forced, DeviceArena arena);

    /// @param head  the first
    /// @param count of heads, whose maps come one after the other
    float[] pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                            int head, int count);

    /// @param head  the first
    /// @param count of heads, whose maps come one after the other
    float[] blockMass(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block, int head,
                      int count, MassPooling pooling);
}
