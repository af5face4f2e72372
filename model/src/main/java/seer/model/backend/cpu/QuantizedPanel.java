package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import seer.model.load.DType;
import seer.model.load.QuantizedBlock;

/// Weights as the file has them, whole numbers and scales, with the 64 outputs side by side: so a vector of outputs is
/// unpacked by one multiply-add, `number * scale + base`, and nothing is turned around on the way.
///
/// ```text
///   numbers, 8 bits   input k:      [ outputs 0 ... 63 ]              one byte each
///   numbers, 4 bits   part of 32:   [ outputs 0 ... 63 ] x 16         byte j: input j low, input j + 16 high
///   scales, bases     block:        [ outputs 0 ... 63 ]              16-bit floats
///   steps, lifts      part:         [ outputs 0 ... 63 ]              bytes that scale and base are multiplied with
/// ```
///
/// It takes as much memory as the file, but for types of five and six bits, which take a byte for each number.
final class QuantizedPanel implements Panel {
    /// Unpacking takes as long as multiplying some six rows: shared by this many it is hardly seen.
    private static final int ROWS = 256;
    private static final int EXPANDED = 8;
    private static final int SCALE = 9;
    private static final int BASE = 10;
    /// Bytes for a vector of floats; vectors of four floats load eight and use half.
    private static final VectorSpecies<Byte> BYTES = LENGTH >= 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    private final DType type;
    private final int inputs;
    private final int part;
    private final byte[] numbers;
    private final short[] scales;
    private final short[] bases; // or null
    private final byte[] steps;  // or null
    private final byte[] lifts;  // or null

    QuantizedPanel(DType type, int inputs) {
        this.type = type;
        this.inputs = inputs;
        this.part = QuantizedBlock.part(type);
        int blocks = inputs / type.block();
        boolean four = QuantizedBlock.isFourBits(type);
        numbers = new byte[Math.multiplyExact(four ? inputs / 2 : inputs, PANEL) + BYTES.length()];
        scales = new short[blocks * PANEL];
        bases = QuantizedBlock.hasBase(type) ? new short[blocks * PANEL] : null;
        steps = QuantizedBlock.hasSteps(type) ? new byte[inputs / part * PANEL] : null;
        lifts = steps != null && bases != null ? new byte[inputs / part * PANEL] : null;
    }

    /// Puts block `index` of the output `lane` in its place.
    void put(int lane, int index, QuantizedBlock block) {
        scales[place(index, lane)] = block.scale();
        if (bases != null) {
            bases[place(index, lane)] = block.base();
        }
        int parts = type.block() / part;
        for (int s = 0; steps != null && s < parts; s++) {
            steps[place(index * parts + s, lane)] = block.step(s);
            if (lifts != null) {
                lifts[place(index * parts + s, lane)] = block.lift(s);
            }
        }
        int first = index * type.block();
        if (!QuantizedBlock.isFourBits(type)) {
            for (int i = 0; i < type.block(); i++) {
                numbers[place(first + i, lane)] = block.number(i);
            }
            return;
        }
        int less = QuantizedBlock.less(type);
        for (int i = 0; i < type.block() / 2; i++) {
            int low = i / 16 * 32 + i % 16;
            numbers[place(first / 2 + i, lane)] =
                    (byte) (block.number(low) + less | block.number(low + 16) + less << 4);
        }
    }

    @Override
    public float[] floats(int from, int depth, Scratch scratch) {
        float[] expanded = scratch.floats(EXPANDED, depth * PANEL);
        float[] scale = scratch.floats(SCALE, PANEL);
        float[] base = scratch.floats(BASE, PANEL);
        for (int k = from; k < from + depth; k += part) {
            scales(k, scale, base);
            for (int lane = 0; lane < PANEL; lane += LENGTH) {
                int to = Panel.place(depth, k - from, lane);
                if (QuantizedBlock.isFourBits(type)) {
                    fourBits(numbers, k / 2 * PANEL + lane, scale, base, lane, expanded, to);
                } else {
                    eightBits(numbers, k * PANEL + lane, part, scale, base, lane, expanded, to);
                }
            }
        }
        return expanded;
    }

    /// A place in `[.., 64]`.
    private static int place(int row, int lane) {
        return row * PANEL + lane;
    }

    /// What the numbers of the part that begins with input `k` are multiplied with, and what is added then.
    private void scales(int k, float[] scale, float[] base) {
        int block = k / type.block() * PANEL;
        int step = k / part * PANEL;
        widen(scales, block, scale);
        if (steps != null) {
            multiply(scale, steps, step);
        }
        if (bases != null) {
            widen(bases, block, base);
            if (lifts != null) {
                multiply(base, lifts, step);
            }
        } else {
            less(scale, QuantizedBlock.less(type), base);
        }
    }

    private static void widen(short[] halves, int at, float[] target) {
        for (int i = 0; i < PANEL; i++) {
            target[i] = Float.float16ToFloat(halves[at + i]);
        }
    }

    private static void multiply(float[] target, byte[] factors, int at) {
        for (int i = 0; i < PANEL; i++) {
            target[i] *= factors[at + i];
        }
    }

    private static void less(float[] scale, int less, float[] base) {
        for (int i = 0; i < PANEL; i++) {
            base[i] = -less * scale[i];
        }
    }

    /// One vector of outputs, 32 inputs.
    private static void fourBits(byte[] numbers, int at, float[] scale, float[] base, int lane, float[] out, int to) {
        FloatVector s = FloatVector.fromArray(SPECIES, scale, lane);
        FloatVector b = FloatVector.fromArray(SPECIES, base, lane);
        for (int j = 0; j < 16; j++) {
            var both = (IntVector) ByteVector.fromArray(BYTES, numbers, at + j * PANEL)
                    .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
            var low = (FloatVector) both.and(15).convertShape(VectorOperators.I2F, SPECIES, 0);
            var high = (FloatVector) both.lanewise(VectorOperators.LSHR, 4)
                    .convertShape(VectorOperators.I2F, SPECIES, 0);
            low.fma(s, b).intoArray(out, to + j * STRIP);
            high.fma(s, b).intoArray(out, to + (j + 16) * STRIP);
        }
    }

    private static void eightBits(byte[] numbers, int at, int inputs, float[] scale, float[] base, int lane,
                                  float[] out, int to) {
        FloatVector s = FloatVector.fromArray(SPECIES, scale, lane);
        FloatVector b = FloatVector.fromArray(SPECIES, base, lane);
        for (int k = 0; k < inputs; k++) {
            var number = (IntVector) ByteVector.fromArray(BYTES, numbers, at + k * PANEL)
                    .convertShape(VectorOperators.B2I, INTS, 0);
            ((FloatVector) number.convertShape(VectorOperators.I2F, SPECIES, 0)).fma(s, b)
                    .intoArray(out, to + k * STRIP);
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
        var scale = new float[PANEL];
        var base = new float[PANEL];
        boolean four = QuantizedBlock.isFourBits(type);
        for (int k = 0; k < inputs; k++) {
            if (k % part == 0) {
                scales(k, scale, base);
            }
            int number = four
                    ? numbers[place(k / 32 * 16 + k % 16, lane)] >> k / 16 % 2 * 4 & 15
                    : numbers[place(k, lane)];
            target[at + k] = Math.fma(number, scale[lane], base[lane]);
        }
    }

    @Override
    public long bytes() {
        return numbers.length + Arrays.stream(new short[][] {scales, bases}).filter(a -> a != null)
                .mapToLong(a -> Short.BYTES * (long) a.length).sum()
                + Arrays.stream(new byte[][] {steps, lifts}).filter(a -> a != null).mapToLong(a -> a.length).sum();
    }
}
