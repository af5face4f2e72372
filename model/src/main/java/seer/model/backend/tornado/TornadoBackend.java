package seer.model.backend.tornado;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.MassPooling;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.BackendInfo;
import seer.model.backend.BlockKeys;
import seer.model.backend.Contract;
import seer.model.backend.DeviceInfo;
import seer.model.backend.ElementType;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.Gradients;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Laps;
import seer.model.backend.LayerEntry;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.RungInfo;
import seer.model.backend.SelectionContract;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.sdk.Installation;
import seer.model.backend.tornado.sdk.WarpSupport;

/// All operations on a device, as TornadoVM task graphs; under the simulator, the same graphs in plain Java.
///
/// Tensors stay on the device: tokens and a few integers go in with an operation, and only what is asked for comes
/// out ([Tensor#download()], logits, scores, the number of kept blocks). The host packs weights and reads results,
/// nothing more.
public final class TornadoBackend implements Backend {
    private final Installation installation;
    private final Device device;
    private final DeviceArena everything;
    private final Rungs rungs;
    private final Layers layers;
    private final Selection selection;
    private final Counting counting;
    private final Arithmetic arithmetic;
    private final Gradients gradients;

    /// Takes TornadoVM's default device, and fp32.
    ///
    /// @throws seer.model.backend.BackendUnavailableException saying what is missing
    public TornadoBackend() {
        this(ElementType.F32, Device.LARGEST_BANK);
    }

    /// @param precision of weights, activations and the cache: BF16 wants tensor cores
    /// @throws seer.model.backend.BackendUnavailableException saying what is missing
    public TornadoBackend(ElementType precision) {
        this(precision, Device.LARGEST_BANK);
    }

    /// @param largestBank elements of one array of the device at most: less than there could be, for tests
    TornadoBackend(ElementType precision, int largestBank) {
        installation = Installation.open();
        TensorCores cores = precision == ElementType.BF16 ? TensorCores.require(installation) : null;
        device = new Device(installation, largestBank);
        everything = DeviceArena.of(this, device, precision);
        var scratch = Scratch.ofFloats(everything);
        var frequencies = new Frequencies(everything);
        var buffers = new TokenBuffers(TokenBuffers.BATCH);
        var longer = new TokenBuffers(TokenBuffers.LONG);
        rungs = new Rungs(Rungs.ALL, installation.describe().with(cores == null ? 0 : cores.capability()));
        layers = new Layers(device, rungs, scratch, frequencies, buffers);
        selection = new Selection(device, rungs, everything, scratch);
        counting = new Counting(device);
        var masks = new ResidentMasks(selection);
        var gates = new Gate(device, rungs, selection, frequencies);
        var embedding = new EmbeddingSlopes(device, everything);
        if (cores == null) {
            arithmetic = new FloatArithmetic(layers, new Attention(device, rungs, everything, scratch, masks),
                    selection, gates);
            gradients = new TornadoGradients(this, device, rungs, scratch, longer,
                    new AttentionSlopes(device, everything, masks), embedding);
        } else {
            var tiles = Scratch.ofTiles(everything);
            var layersOfTiles = new TileLayers(device, rungs, scratch, tiles, frequencies, buffers, longer);
            arithmetic = new TileArithmetic(layersOfTiles, new TilePasses(device, rungs, layersOfTiles, frequencies),
                    new TileAttention(device, rungs, everything, scratch, masks), new TilePools(device), gates, layers,
                    selection, cores.rung());
            gradients = new TileGradients(this, device, rungs, scratch, tiles, longer, frequencies,
                    new TileAttentionSlopes(device, everything, masks), embedding);
        }
    }

    @Override
    public BackendInfo info() {
        return installation.info(arithmetic.named());
    }

    @Override
    public long compileNanos() {
        return device.compileNanos();
    }

    @Override
    public Map<String, String> rungs() {
        return rungs.taken();
    }

    /// All kernels that operations choose from.
    ///
    /// @param device to say what keeps it from running one, or null
    public static List<RungInfo> rungs(DeviceInfo device) {
        return Rungs.describe(device == null ? null : device.with(Installation.open().warps().capability()));
    }

    @Override
    public Arena arena(String owner, long bytes) {
        return everything.apart(owner, bytes);
    }

    @Override
    public ElementType weights() {
        return arithmetic.type();
    }

    @Override
    public long bytes(int... shape) {
        return ElementType.F32.bytes(Contract.elements(shape));
    }

    @Override
    public long cacheBytes(ElementType type, int groups, int capacity, int width) {
        return 2 * arithmetic.type().bytes(Contract.elements(groups, capacity, width));
    }

    @Override
    public long heldBytes() {
        return device.bankBytes();
    }

    /// Bytes of the device in all, as TornadoVM counts them.
    long deviceBytes() {
        return device.bytes();
    }

    @Override
    public ElementType precision() {
        return arithmetic.type();
    }

    @Override
    public String arithmetic() {
        return arithmetic.named();
    }

    @Override
    public void await() {
        device.await();
    }

    @Override
    public Laps laps(int parts) {
        return device.laps(parts);
    }

    /// Kernels with operations of a warp are started by the compiler extension, which can measure them; others are not.
    @Override
    public boolean measureKernels(boolean wanted) {
        return arithmetic.type() == ElementType.BF16 && WarpSupport.measure(wanted);
    }

    @Override
    public Map<String, Double> kernelMillis() {
        return WarpSupport.kernelMillis();
    }

    @Override
    public Map<String, Double> operationMillis() {
        return device.operationMillis();
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        Contract.embed(this, table, tokens, from, count, x);
        arithmetic.embed(table, tokens, from, count, x);
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias, Tensor q, Tensor k,
                        Tensor v) {
        Contract.project(this, x, rows, norm, qkv, bias, q, k, v);
        arithmetic.project(x, rows, norm, epsilon, qkv, bias, q, k, v);
    }

    @Override
    public boolean enter(LayerEntry entry) {
        Contract.enter(this, entry);
        return arithmetic instanceof TileArithmetic tiles ? tiles.enter(entry) : Backend.super.enter(entry);
    }

    @Override
    public void normHeads(Tensor x, int rows, Tensor norm, double epsilon) {
        Contract.normHeads(this, x, rows, norm);
        arithmetic.normHeads(x, rows, norm, epsilon);
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target, int at) {
        Contract.rotate(this, x, from, rows, rotary, target, at);
        arithmetic.rotate(x, from, rows, rotary, first, step, target, at);
    }

    @Override
    public void append(Tensor k, Tensor v, int rows, Rotary rotary, int offset, KeyValueCache cache) {
        Contract.append(this, k, v, rows, rotary, offset, cache);
        arithmetic.append(k, v, rows, rotary, offset, cache);
    }

    @Override
    public void attend(Tensor q, int rows, int offset, KeyValueCache cache, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        Contract.attend(this, q, rows, offset, cache, mask, out, logSumExp);
        arithmetic.attend(q, rows, offset, cache, mask, out, logSumExp);
    }

    @Override
    public void addDeltas(Tensor q, int rows, int offset, int spacing, KeyValueCache cache, Tensor out,
                          Tensor logSumExp) {
        Contract.addDeltas(this, q, rows, offset, spacing, cache, out, logSumExp);
        arithmetic.addDeltas(q, rows, offset, spacing, cache, out);
    }

    @Override
    public void averageBlocks(KeyValueCache cache, int from, int blocks, int block, KeyValueCache means) {
        Contract.averageBlocks(this, cache, from, blocks, block, means);
        arithmetic.averageBlocks(cache, from, blocks, block, means);
    }

    @Override
    public void attendRest(Tensor q, int rows, int offset, KeyValueCache means, BlockMask mask, Tensor out,
                           Tensor logSumExp) {
        Contract.attendRest(this, q, rows, offset, means, mask, out, logSumExp);
        if (!mask.isDense()) {
            arithmetic.attendRest(q, rows, offset, means, mask, out, logSumExp);
        }
    }

    @Override
    public void attendOne(Tensor q, int position, KeyValueCache cache, BlockMask mask, Tensor out) {
        var row = Contract.attendOne(this, q, position, cache, mask, out);
        arithmetic.attendOne(q, position, cache, row == null ? null : row.mask(), out);
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        Contract.addProjected(this, y, rows, w, x);
        arithmetic.addProjected(y, rows, w, x);
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        Contract.feedForward(this, x, rows, norm, gateUp, down);
        arithmetic.feedForward(x, rows, norm, epsilon, gateUp, down);
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        Contract.logits(this, x, row, norm, head);
        return arithmetic.logits(x, row, norm, epsilon, head);
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        Contract.score(this, x, rows, norm, head, targets);
        return arithmetic.score(x, rows, norm, epsilon, head, targets);
    }

    @Override
    public int firstBroken(Tensor x, int rows) {
        Contract.firstBroken(this, x, rows);
        return layers.firstBroken(own(x), rows);
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        Contract.pool(this, x, from, rows, block, poolings.size(), pooled, at);
        arithmetic.pool(x, from, rows, block, poolings, pooled, at);
    }

    @Override
    public void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        SelectionContract.projectHeads(this, pooled, weights, from, rows, y);
        selection.projectHeads(own(pooled), own(weights), from, rows, own(y));
    }

    @Override
    public BlockMask select(Tensor queries, BlockKeys keys, int firstRow, int rows, int totalBlocks, int block,
                            double scale, SelectionRule rule, ForcedBlocks forced, Arena arena) {
        SelectionContract.select(this, queries, keys, firstRow, rows, totalBlocks, arena);
        return selection.select(own(queries), own(keys.vectors()), keys, firstRow, rows, totalBlocks, block, scale,
                rule, forced, (DeviceArena) arena);
    }

    @Override
    public long[] kept(List<BlockMask> masks) {
        return counting.kept(masks);
    }

    @Override
    public BlockMask gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                          SelectionRule rule, ForcedBlocks forced, Arena arena) {
        SelectionContract.gate(this, queries, keys, chunk, rotary, arena);
        BlockMask mask = rotary == null ? null
                : arithmetic.gate(queries, keys, chunk, rotary, scale, rule, forced, (DeviceArena) arena);
        return mask != null ? mask
                : Backend.super.gate(queries, keys, chunk, rotary, scale, rule, forced, arena);
    }

    @Override
    public float[] blockScores(Tensor queries, BlockKeys keys, int head, int firstRow, int rows, double scale) {
        SelectionContract.blockScores(this, queries, keys, firstRow, rows);
        return selection.blockScores(own(queries), own(keys.vectors()), keys, head, firstRow, rows, scale);
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                                   int head) {
        Contract.pooledAttention(this, q, rows, offset, cache, logSumExp, block, head);
        return arithmetic.pooledAttention(q, rows, offset, cache, logSumExp, block, head, 1);
    }

    @Override
    public List<float[]> pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp,
                                         int block) {
        Contract.pooledAttention(this, q, rows, offset, cache, logSumExp, block, q.extent(0) - 1);
        return HeadMaps.of(q.extent(0), rows, offset, block, (head, count) -> arithmetic.pooledAttention(q, rows,
                offset, cache, logSumExp, block, head, count));
    }

    @Override
    public float[] blockMass(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block, int head,
                             MassPooling pooling) {
        Contract.blockMass(this, q, rows, offset, cache, logSumExp, block, head);
        return arithmetic.blockMass(q, rows, offset, cache, logSumExp, block, head, 1, pooling);
    }

    @Override
    public List<float[]> blockMass(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                                   MassPooling pooling) {
        Contract.blockMass(this, q, rows, offset, cache, logSumExp, block, q.extent(0) - 1);
        return HeadMaps.of(q.extent(0), rows, offset, block, (head, count) -> arithmetic.blockMass(q, rows, offset,
                cache, logSumExp, block, head, count, pooling));
    }

    @Override
    public Optional<Gradients> gradients() {
        return Optional.of(gradients);
    }

    private static DeviceTensor own(Tensor tensor) {
        return (DeviceTensor) tensor;
    }

    /// Multiply-adds in registers of all multiprocessors, by the kernel of [seer.kernels.MultiplyAdd].
    @Override
    public double peakFlops() {
        return new Yardstick(device).flops(installation.simulated() ? 1 : Yardstick.GROUPS);
    }

    @Override
    public void close() {
        everything.close();
        device.close();
    }
}
