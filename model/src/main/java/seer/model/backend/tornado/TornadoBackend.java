package seer.model.backend.tornado;

import java.util.List;
import java.util.Map;
import seer.model.attention.BlockMask;
import seer.model.attention.ForcedBlocks;
import seer.model.attention.Pooling;
import seer.model.attention.SelectionRule;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.BackendInfo;
import seer.model.backend.Contract;
import seer.model.backend.DeviceInfo;
import seer.model.backend.ElementType;
import seer.model.backend.GateChunk;
import seer.model.backend.GateSide;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Rotary;
import seer.model.backend.RungInfo;
import seer.model.backend.Tensor;
import seer.model.backend.TokenScores;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.DeviceArena;
import seer.model.backend.tornado.device.DeviceCache;
import seer.model.backend.tornado.device.DeviceMatrix;
import seer.model.backend.tornado.device.DeviceTensor;
import seer.model.backend.tornado.device.Scratch;
import seer.model.backend.tornado.sdk.Installation;

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
    private final Gate gate;
    private final Attention attention;

    /// Takes TornadoVM's default device.
    ///
    /// @throws seer.model.backend.BackendUnavailableException saying what is missing
    public TornadoBackend() {
        this(ElementType.F32, Device.LARGEST_BANK);
    }

    /// @param weights     how matrices are stored
    /// @param largestBank elements of one array of the device at most: less than there could be, for tests
    TornadoBackend(ElementType weights, int largestBank) {
        installation = Installation.open();
        device = new Device(installation, largestBank);
        everything = DeviceArena.of(this, device, weights);
        var scratch = new Scratch(everything);
        var frequencies = new Frequencies(everything);
        rungs = new Rungs(Rungs.ALL, installation.describe());
        layers = new Layers(device, rungs, scratch, frequencies);
        selection = new Selection(device, rungs, everything, scratch);
        counting = new Counting(device);
        gate = new Gate(device, rungs, selection, frequencies);
        attention = new Attention(device, rungs, everything, scratch, selection);
    }

    @Override
    public BackendInfo info() {
        return installation.info();
    }

    @Override
    public Map<String, String> rungs() {
        return rungs.taken();
    }

    /// All kernels that operations choose from.
    ///
    /// @param device to say what keeps it from running one, or null
    public static List<RungInfo> rungs(DeviceInfo device) {
        return Rungs.describe(device);
    }

    @Override
    public Arena arena(String owner, long elements) {
        return everything.apart(owner, elements);
    }

    @Override
    public long bytes(int... shape) {
        return ElementType.F32.bytes(Contract.elements(shape));
    }

    @Override
    public long cacheBytes(int groups, int capacity, int width) {
        return 2 * bytes(groups, capacity, width);
    }

    /// Bytes of the device that arenas hold.
    long arenaBytes() {
        return device.bankBytes();
    }

    /// Bytes of the device in all, as TornadoVM counts them.
    long deviceBytes() {
        return device.bytes();
    }

    @Override
    public void embed(Matrix table, int[] tokens, int from, int count, Tensor x) {
        Contract.embed(this, table, tokens, from, count, x);
        layers.embed(own(table), tokens, from, count, own(x));
    }

    @Override
    public void project(Tensor x, int rows, Tensor norm, double epsilon, Matrix qkv, Tensor bias, Tensor q, Tensor k,
                        Tensor v) {
        Contract.project(this, x, rows, norm, qkv, bias, q, k, v);
        layers.project(own(x), rows, own(norm), epsilon, own(qkv), bias == null ? null : own(bias), own(q), own(k),
                own(v));
    }

    @Override
    public void rotate(Tensor x, int from, int rows, Rotary rotary, int first, int step, Tensor target, int at) {
        Contract.rotate(this, x, from, rows, rotary, target, at);
        layers.rotate(own(x), from, rows, rotary, first, step, own(target), at);
    }

    @Override
    public void append(Tensor k, Tensor v, int rows, Rotary rotary, int offset, KeyValueCache cache) {
        Contract.append(this, k, v, rows, rotary, offset, cache);
        layers.append(own(k), own(v), rows, rotary, offset, own(cache));
    }

    @Override
    public void attend(Tensor q, int rows, int offset, KeyValueCache cache, BlockMask mask, Tensor out,
                       Tensor logSumExp) {
        Contract.attend(this, q, rows, offset, cache, mask, out, logSumExp);
        attention.attend(own(q), rows, offset, own(cache), mask, own(out), logSumExp == null ? null : own(logSumExp));
    }

    @Override
    public void attendOne(Tensor q, int position, KeyValueCache cache, Tensor out) {
        Contract.attendOne(this, q, position, cache, out);
        attention.attendOne(own(q), position, own(cache), own(out));
    }

    @Override
    public void addProjected(Tensor y, int rows, Matrix w, Tensor x) {
        Contract.addProjected(this, y, rows, w, x);
        layers.addProjected(own(y), rows, own(w), own(x));
    }

    @Override
    public void feedForward(Tensor x, int rows, Tensor norm, double epsilon, Matrix gateUp, Matrix down) {
        Contract.feedForward(this, x, rows, norm, gateUp, down);
        layers.feedForward(own(x), rows, own(norm), epsilon, own(gateUp), own(down));
    }

    @Override
    public float[] logits(Tensor x, int row, Tensor norm, double epsilon, Matrix head) {
        Contract.logits(this, x, row, norm, head);
        return layers.logits(own(x), row, own(norm), epsilon, own(head));
    }

    @Override
    public TokenScores score(Tensor x, int rows, Tensor norm, double epsilon, Matrix head, int[] targets) {
        Contract.score(this, x, rows, norm, head, targets);
        return layers.score(own(x), rows, own(norm), epsilon, own(head), targets);
    }

    @Override
    public void pool(Tensor x, int from, int rows, int block, List<Pooling> poolings, Tensor pooled, int at) {
        Contract.pool(this, x, from, rows, block, poolings.size(), pooled, at);
        selection.pool(own(x), from, rows, block, poolings, own(pooled), at);
    }

    @Override
    public void projectHeads(Tensor pooled, Tensor weights, int from, int rows, Tensor y) {
        Contract.projectHeads(this, pooled, weights, from, rows, y);
        selection.projectHeads(own(pooled), own(weights), from, rows, own(y));
    }

    @Override
    public BlockMask select(Tensor queries, Tensor keys, int firstRow, int rows, int totalBlocks, int block,
                            double scale, SelectionRule rule, ForcedBlocks forced, Arena arena) {
        Contract.select(this, queries, keys, firstRow, rows, totalBlocks, arena);
        return selection.select(own(queries), own(keys), firstRow, rows, totalBlocks, block, scale, rule, forced,
                (DeviceArena) arena);
    }

    @Override
    public long[] kept(List<BlockMask> masks) {
        return counting.kept(masks);
    }

    @Override
    public BlockMask gate(GateSide queries, GateSide keys, GateChunk chunk, Rotary rotary, double scale,
                          SelectionRule rule, ForcedBlocks forced, Arena arena) {
        Contract.gate(this, queries, keys, chunk, rotary, arena);
        var rung = gate.rung(queries, keys, chunk);
        return rung.isPresent()
                ? gate.select(rung.get(), queries, keys, chunk, rotary, scale, rule, forced, (DeviceArena) arena)
                : Backend.super.gate(queries, keys, chunk, rotary, scale, rule, forced, arena);
    }

    @Override
    public float[] blockScores(Tensor queries, Tensor keys, int head, int firstRow, int rows, double scale) {
        Contract.blockScores(this, queries, keys, firstRow, rows);
        return selection.blockScores(own(queries), own(keys), head, firstRow, rows, scale);
    }

    @Override
    public float[] pooledAttention(Tensor q, int rows, int offset, KeyValueCache cache, Tensor logSumExp, int block,
                                   int head) {
        Contract.pooledAttention(this, q, rows, offset, cache, logSumExp, block, head);
        return attention.pooledAttention(own(q), rows, offset, own(cache), own(logSumExp), block, head);
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
