package seer.model.backend.cpu;

import static seer.model.backend.cpu.IntegerKernel.COLUMNS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import seer.model.load.DType;
import seer.model.load.QuantizedBlock;

/// Weights as the file has them, whole numbers and scales, with the outputs of a strip side by side: so a vector of
/// outputs is unpacked by one multiply-add, `number * scale + base`, and nothing is transposed on the way.
///
/// ```text
///   strip    heads   16-bit scale | 16-bit base of a block:     [ outputs of a strip ]      an int each; without bases
///                    scales of two blocks                                                   the even block lowest
///            words   8 inputs of 4 bits, or 4 of 8:             [ outputs of a strip ]      an int each, the first
///                                                                                           input lowest
///   steps, lifts     part:                                      [ outputs of a strip ]      bytes that these are
///                                                                                           multiplied with
/// ```
///
/// Numbers are never negative here: what lifts them is taken away by the base. All of them strip after strip, where
/// [QuantizedStore] says: a single row reads them in one go, and the processor foresees what comes. It takes as much
/// memory as the file, but for types of five and six bits, which take a byte for each number.
final class QuantizedPanel implements Panel {
    /// Unpacking takes as long as multiplying some six rows: shared by this many it is hardly seen.
    private static final int ROWS = 256;

    private final DType type;
    private final int inputs;
    private final int part;
    private final int bits;
    private final int lifted; // what numbers are larger by
    private final boolean based;
    private final QuantizedStore store;
    private final int firstStrip; // in the store
    private final int[] data;
    private final byte[] steps; // or null
    private final byte[] lifts; // or null

    /// @param store of [#store] for the same type and inputs
    /// @param place which of the store's panels this is
    QuantizedPanel(DType type, int inputs, QuantizedStore store, int place) {
        this.type = type;
        this.store = store;
        firstStrip = place * (PANEL / STRIP);
        data = store.data();
        this.inputs = inputs;
        this.part = QuantizedBlock.part(type);
        bits = bits(type);
        based = QuantizedBlock.hasBase(type);
        lifted = bits == 4 ? QuantizedBlock.less(type) : based ? 0 : 128;
        steps = QuantizedBlock.hasSteps(type) ? bytes(inputs / part) : null;
        lifts = steps != null && based ? bytes(inputs / part) : null;
    }

    /// Memory for so many panels.
    static QuantizedStore store(DType type, int inputs, int panels) {
        int blocks = inputs / type.block();
        return QuantizedStore.of(panels, QuantizedBlock.hasBase(type) ? blocks : Math.ceilDiv(blocks, 2),
                inputs / (Integer.SIZE / bits(type)));
    }

    private static int bits(DType type) {
        return QuantizedBlock.isFourBits(type) ? 4 : 8;
    }

    /// So many rows; vectors of four floats load eight bytes, and so beyond the last row.
    private static byte[] bytes(int rows) {
        return new byte[Math.multiplyExact(rows, PANEL) + QuantizedKernel.BEYOND];
    }

    /// Puts block `index` of the output `lane` in its place.
    void put(int lane, int index, QuantizedBlock block) {
        int scale = block.scale() & 0xFFFF;
        if (based) {
            data[head(index, lane)] = scale | block.base() << Short.SIZE;
        } else {
            data[head(index / 2, lane)] |= scale << index % 2 * Short.SIZE;
        }
        int parts = type.block() / part;
        for (int s = 0; steps != null && s < parts; s++) {
            int step = Panel.place(inputs / part, index * parts + s, lane);
            steps[step] = block.step(s);
            if (lifts != null) {
                lifts[step] = block.lift(s);
            }
        }
        int first = index * type.block();
        for (int i = 0; i < type.block(); i++) {
            data[word(first + i, lane)] |= (block.number(i) + lifted) << bit(first + i);
        }
    }

    /// In a word.
    private int numbers() {
        return Integer.SIZE / bits;
    }

    private int head(int row, int lane) {
        return store.head(firstStrip + lane / STRIP, row) + lane % STRIP;
    }

    private int word(int k, int lane) {
        return store.word(firstStrip + lane / STRIP, k / numbers()) + lane % STRIP;
    }

    private int bit(int k) {
        return k % numbers() * bits;
    }

    @Override
    public float[] floats(int from, int depth, Scratch scratch) {
        float[] expanded = scratch.floats(Scratch.EXPANDED, depth * PANEL);
        for (int lane = 0; lane < PANEL; lane += STRIP) {
            var scale = scales(lane, from, depth, scratch);
            float[] base = bases(scale, depth, scratch);
            for (int k = 0; k < depth; k += part) {
                int to = Panel.place(depth, k, lane);
                int s = k / part * STRIP;
                if (bits == 4) {
                    QuantizedKernel.unpackFourBits(data, word(from + k, lane), scale, base, s, expanded, to);
                } else {
                    QuantizedKernel.unpackEightBits(data, word(from + k, lane), part, scale, base, s, expanded, to);
                }
            }
        }
        return expanded;
    }

    /// What the numbers of a strip are multiplied with, `[depth / part, STRIP]`; and what is added then, where there
    /// are bases, into the scratch for those. Inputs from `from` on, a multiple of two blocks unless blocks have parts.
    private float[] scales(int lane, int from, int depth, Scratch scratch) {
        int first = steps == null ? from / part : 0; // of the blocks that are unpacked
        int blocks = steps == null ? depth / part : inputs / type.block();
        float[] scale = scratch.floats(Scratch.SCALE, (blocks + 1) * STRIP);
        float[] base = based ? scratch.floats(Scratch.BASE, blocks * STRIP) : null;
        if (based) {
            QuantizedKernel.halves(data, head(first, lane), blocks * STRIP, scale, base);
        } else {
            QuantizedKernel.halves(data, head(first / 2, lane), (blocks + 1) / 2, scale);
        }
        return steps == null ? scale : stepped(lane, from, depth, scale, base, scratch);
    }

    /// The same of each part of blocks, from those of the blocks.
    private float[] stepped(int lane, int from, int depth, float[] scale, float[] base, Scratch scratch) {
        float[] partScale = scratch.floats(Scratch.PART_SCALE, depth / part * STRIP);
        float[] partBase = based ? scratch.floats(Scratch.PART_BASE, depth / part * STRIP) : null;
        for (int k = 0; k < depth; k += part) {
            int to = k / part * STRIP;
            int block = (from + k) / type.block() * STRIP;
            int step = Panel.place(inputs / part, (from + k) / part, lane);
            QuantizedKernel.multiply(scale, block, steps, step, partScale, to);
            if (based) {
                QuantizedKernel.multiply(base, block, lifts, step, partBase, to);
            }
        }
        return partScale;
    }

    /// What is added to the numbers of the strip whose scales are these, where [#scales] was called last.
    private float[] bases(float[] scale, int depth, Scratch scratch) {
        int count = depth / part * STRIP;
        if (based) {
            return scratch.floats(steps == null ? Scratch.BASE : Scratch.PART_BASE, count);
        }
        float[] base = scratch.floats(Scratch.BASE, count);
        for (int i = 0; i < count; i++) {
            base[i] = -lifted * scale[i];
        }
        return base;
    }

    @Override
    public void row(InputRow a, int lane, float[] out, Scratch scratch) {
        if (WideRowKernel.SUITS) {
            wideRow(a, lane, scratch.floats(Scratch.PART_SCALE, 2 * STRIP), out);
            return;
        }
        float[] scale = scales(lane, 0, inputs, scratch);
        float[] base = bits == 4 || based ? bases(scale, inputs, scratch) : null;
        if (bits == 4 && a.rounded() != null) {
            var row = a.rounded();
            for (int pair = 0; pair < STRIP; pair += 2 * LENGTH) {
                IntegerKernel.row(data, word(0, lane), inputs / part, row.pairs(), row.scales(), row.sums(), scale,
                        base, pair, out);
            }
        } else if (bits == 4) {
            for (int pair = 0; pair < STRIP; pair += 2 * LENGTH) {
                QuantizedKernel.fourBitRow(data, word(0, lane), inputs, a.fours(), a.sums(), scale, base, pair, out);
            }
        } else {
            eightBitRow(a, lane, scale, base, out, scratch);
        }
    }

    private void wideRow(InputRow a, int lane, float[] both, float[] out) {
        var strip = new QuantizedStrip(data, head(0, lane), word(0, lane), part,
                steps == null ? 0 : Integer.numberOfTrailingZeros(type.block() / part), based, steps, lifts,
                steps == null ? 0 : Panel.place(inputs / part, 0, lane));
        if (bits == 4 && a.rounded() != null) {
            WideIntegerKernel.row(strip, lifted, inputs, a.rounded(), both, out);
            return;
        }
        if (bits == 4) {
            WideRowKernel.fourBits(strip, lifted, inputs, a.fours(), a.sums(part), both, out);
        } else {
            WideRowKernel.eightBits(strip, lifted, inputs, a.eights(), a.sums(part), both, out);
        }
    }

    /// Where there is no base, what eight inputs start from does what one would.
    private void eightBitRow(InputRow a, int lane, float[] scale, float[] base, float[] out, Scratch scratch) {
        float[] few = scratch.floats(Scratch.STARTS, inputs / QuantizedKernel.EIGHT);
        a.starts(lifted, inputs, few);
        for (int pair = 0; pair < STRIP; pair += 2 * LENGTH) {
            QuantizedKernel.eightBitRow(data, word(0, lane), inputs, part, a.eights(), few, scale, pair, out);
        }
        if (base != null) {
            for (int pair = 0; pair < STRIP; pair += 2 * LENGTH) {
                QuantizedKernel.addBases(a.sums(part), base, inputs / part, pair, out);
            }
        }
    }

    /// Whether its numbers are of four bits: then rows can be rounded for it.
    boolean isFourBits() {
        return bits == 4;
    }

    /// Unpacks one strip as whole numbers, less [IntegerKernel#LESS].
    ///
    /// @param lane    the first output of the strip
    /// @param numbers `[depth, COLUMNS]`, the strip's from `n0` on
    /// @param factors `[depth / 32, COLUMNS]`: scales, as [IntegerSumKernel#scale] wants them
    /// @param bases   `[depth / 32, COLUMNS]`, as they are when numbers are less
    void unpack(int from, int depth, int lane, short[] numbers, int n0, float[] factors, float[] bases, int f0,
                Scratch scratch) {
        float[] scale = scales(lane, from, depth, scratch);
        float[] base = bases(scale, depth, scratch);
        for (int vector = 0; vector < STRIP; vector += 2 * LENGTH) {
            IntegerKernel.unpack(data, word(from, lane) + vector, depth / numbers(), numbers, n0 + vector);
        }
        IntegerKernel.factors(scale, base, depth / part, factors, bases, f0);
    }

    @Override
    public int start(int from) {
        return 0;
    }

    @Override
    public int step(int depth) {
        return depth * STRIP;
    }

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public void output(int lane, float[] target, int at) {
        var scratch = new Scratch();
        float[] scale = scales(lane / STRIP * STRIP, 0, inputs, scratch);
        float[] base = bases(scale, inputs, scratch);
        for (int k = 0; k < inputs; k++) {
            int number = data[word(k, lane)] >> bit(k) & (1 << bits) - 1;
            int s = k / part * STRIP + lane % STRIP;
            target[at + k] = Math.fma(number, scale[s], base[s]);
        }
    }

    @Override
    public long bytes() {
        return store.bytes(1) + (steps == null ? 0 : steps.length)
                + (lifts == null ? 0 : lifts.length);
    }
}
