package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;
import seer.model.load.DType;
import seer.model.load.QuantizedBlock;

/// Weights as the file has them, whole numbers and scales, with the outputs of a strip side by side: so a vector of
/// outputs is unpacked by one multiply-add, `number * scale + base`, and nothing is transposed on the way.
///
/// ```text
///   words            8 inputs of 4 bits, or 4 of 8:   [ outputs of a strip ]      an int each, the first input lowest
///   scales, bases    block:                           [ outputs of a strip ]      16-bit floats
///   steps, lifts     part:                            [ outputs of a strip ]      bytes that these are multiplied with
/// ```
///
/// Numbers are never negative here: what lifts them is taken away by the base. All of them strip after strip. It takes
/// as much memory as the file, but for types of five and six bits, which take a byte for each number.
final class QuantizedPanel implements Panel {
    /// Unpacking takes as long as multiplying some six rows: shared by this many it is hardly seen.
    private static final int ROWS = 256;

    private final DType type;
    private final int inputs;
    private final int part;
    private final int bits;
    private final int lifted; // what numbers are larger by
    private final int[] words;
    private final short[] scales;
    private final short[] bases; // or null
    private final byte[] steps;  // or null
    private final byte[] lifts;  // or null

    QuantizedPanel(DType type, int inputs) {
        this.type = type;
        this.inputs = inputs;
        this.part = QuantizedBlock.part(type);
        int blocks = inputs / type.block();
        bits = QuantizedBlock.isFourBits(type) ? 4 : 8;
        lifted = bits == 4 ? QuantizedBlock.less(type) : QuantizedBlock.hasBase(type) ? 0 : 128;
        words = new int[Math.multiplyExact(inputs / numbers(), PANEL)];
        scales = halves(blocks);
        bases = QuantizedBlock.hasBase(type) ? halves(blocks) : null;
        steps = QuantizedBlock.hasSteps(type) ? bytes(inputs / part) : null;
        lifts = steps != null && bases != null ? bytes(inputs / part) : null;
    }

    /// So many rows; vectors of four floats load eight bytes or halves, and so beyond the last row.
    private static byte[] bytes(int rows) {
        return new byte[Math.multiplyExact(rows, PANEL) + QuantizedKernel.BEYOND];
    }

    private static short[] halves(int rows) {
        return new short[rows * PANEL + QuantizedKernel.BEYOND];
    }

    /// Puts block `index` of the output `lane` in its place.
    void put(int lane, int index, QuantizedBlock block) {
        int blocks = inputs / type.block();
        int at = Panel.place(blocks, index, lane);
        scales[at] = block.scale();
        if (bases != null) {
            bases[at] = block.base();
        }
        int parts = type.block() / part;
        for (int s = 0; steps != null && s < parts; s++) {
            int step = Panel.place(blocks * parts, index * parts + s, lane);
            steps[step] = block.step(s);
            if (lifts != null) {
                lifts[step] = block.lift(s);
            }
        }
        int first = index * type.block();
        for (int i = 0; i < type.block(); i++) {
            words[word(first + i, lane)] |= (block.number(i) + lifted) << bit(first + i);
        }
    }

    /// In a word.
    private int numbers() {
        return Integer.SIZE / bits;
    }

    private int word(int k, int lane) {
        return Panel.place(inputs / numbers(), k / numbers(), lane);
    }

    private int bit(int k) {
        return k % numbers() * bits;
    }

    @Override
    public float[] floats(int from, int depth, Scratch scratch) {
        float[] expanded = scratch.floats(Scratch.EXPANDED, depth * PANEL);
        float[] scale = scratch.floats(Scratch.SCALE, depth / part * STRIP);
        float[] base = scratch.floats(Scratch.BASE, depth / part * STRIP);
        for (int lane = 0; lane < PANEL; lane += STRIP) {
            scales(lane, from, depth, scale, base);
            for (int k = 0; k < depth; k += part) {
                int to = Panel.place(depth, k, lane);
                int s = k / part * STRIP;
                if (bits == 4) {
                    QuantizedKernel.unpackFourBits(words, word(from + k, lane), scale, base, s, expanded, to);
                } else {
                    QuantizedKernel.unpackEightBits(words, word(from + k, lane), part, scale, base, s, expanded, to);
                }
            }
        }
        return expanded;
    }

    /// What the numbers of a strip are multiplied with, and what is added then, `[depth / part, STRIP]` both.
    ///
    /// @param base may be null where there are no bases
    private void scales(int lane, int from, int depth, float[] scale, float[] base) {
        if (steps == null) {
            int block = Panel.place(inputs / part, from / part, lane);
            int count = depth / part * STRIP;
            Halves.widen(scales, block, scale, 0, count);
            if (bases != null) {
                Halves.widen(bases, block, base, 0, count);
            } else if (base != null) {
                less(scale, base, count);
            }
            return;
        }
        for (int k = 0; k < depth; k += part) {
            int to = k / part * STRIP;
            int block = Panel.place(inputs / type.block(), (from + k) / type.block(), lane);
            int step = Panel.place(inputs / part, (from + k) / part, lane);
            QuantizedKernel.widen(scales, block, scale, to);
            QuantizedKernel.multiply(scale, to, steps, step);
            if (bases != null) {
                QuantizedKernel.widen(bases, block, base, to);
                QuantizedKernel.multiply(base, to, lifts, step);
            }
        }
        if (bases == null && base != null) {
            less(scale, base, depth / part * STRIP);
        }
    }

    private void less(float[] scale, float[] base, int count) {
        for (int i = 0; i < count; i++) {
            base[i] = -lifted * scale[i];
        }
    }

    @Override
    public void row(InputRow a, int lane, float[] out, Scratch scratch) {
        int parts = inputs / part;
        float[] scale = scratch.floats(Scratch.SCALE, parts * STRIP);
        float[] base = bits == 4 || bases != null ? scratch.floats(Scratch.BASE, parts * STRIP) : null;
        scales(lane, 0, inputs, scale, base);
        if (bits == 4) {
            for (int pair = 0; pair < STRIP; pair += 2 * LENGTH) {
                QuantizedKernel.fourBitRow(words, word(0, lane), inputs, a.fours(), a.sums(), scale, base, pair, out);
            }
        } else {
            eightBitRow(a, lane, scale, base, out, scratch);
        }
    }

    /// Where there is no base, what eight inputs start from does what one would.
    private void eightBitRow(InputRow a, int lane, float[] scale, float[] base, float[] out, Scratch scratch) {
        float[] few = scratch.floats(Scratch.STARTS, inputs / QuantizedKernel.EIGHT);
        a.starts(lifted, inputs, few);
        for (int pair = 0; pair < STRIP; pair += 2 * LENGTH) {
            QuantizedKernel.eightBitRow(words, word(0, lane), inputs, part, a.eights(), few, scale, pair, out);
        }
        if (base != null) {
            a.sums(part, inputs, few);
            for (int pair = 0; pair < STRIP; pair += 2 * LENGTH) {
                QuantizedKernel.addBases(few, base, inputs / part, pair, out);
            }
        }
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
        int parts = inputs / part;
        var scale = new float[parts * STRIP];
        var base = new float[parts * STRIP];
        scales(lane / STRIP * STRIP, 0, inputs, scale, base);
        for (int k = 0; k < inputs; k++) {
            int number = words[word(k, lane)] >> bit(k) & (1 << bits) - 1;
            int s = k / part * STRIP + lane % STRIP;
            target[at + k] = Math.fma(number, scale[s], base[s]);
        }
    }

    @Override
    public long bytes() {
        return (long) Integer.BYTES * words.length
                + Arrays.stream(new short[][] {scales, bases}).filter(a -> a != null)
                .mapToLong(a -> Short.BYTES * (long) a.length).sum()
                + Arrays.stream(new byte[][] {steps, lifts}).filter(a -> a != null).mapToLong(a -> a.length).sum();
    }
}
