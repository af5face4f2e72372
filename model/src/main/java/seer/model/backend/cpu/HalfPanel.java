package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.INTS;
import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.PANEL;
import static seer.model.backend.cpu.Lanes.SPECIES;
import static seer.model.backend.cpu.Lanes.STRIP;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Weights in BF16, the upper halves of floats: half the memory, and half to read where a single row is multiplied. As
/// floats they are the same numbers, so that nothing else changes.
///
/// @param halves `[64 / STRIP, inputs, STRIP]` and [#BEYOND]; missing outputs are 0
record HalfPanel(short[] halves, int inputs) implements Panel {
    /// As for [QuantizedPanel].
    private static final int ROWS = 256;
    static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class,
            VectorShape.forBitSize(Math.max(64, SPECIES.vectorBitSize() / 2)));
    /// Vectors of two floats load four halves.
    private static final int BEYOND = SHORTS.length();

    /// All zeros.
    static HalfPanel of(int inputs) {
        return new HalfPanel(new short[Math.addExact(Math.multiplyExact(inputs, PANEL), BEYOND)], inputs);
    }

    @Override
    public float[] floats(int from, int depth, Scratch scratch) {
        float[] expanded = scratch.floats(Scratch.EXPANDED, depth * PANEL);
        for (int lane = 0; lane < PANEL; lane += STRIP) {
            widen(halves, Panel.place(inputs, from, lane), expanded, Panel.place(depth, 0, lane),
                    Math.min(depth, inputs - from) * STRIP); // whoever asks for more looks at no more
        }
        return expanded;
    }

    private static void widen(short[] halves, int at, float[] target, int to, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            ((IntVector) ShortVector.fromArray(SHORTS, halves, at + i).convertShape(VectorOperators.S2I, INTS, 0))
                    .lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(target, to + i);
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
    public void row(InputRow a, int lane, float[] out, Scratch scratch) {
        if (WideRowKernel.SUITS) {
            WideFloatKernel.halves(halves, Panel.place(inputs, 0, lane), inputs, a.values(), out);
            return;
        }
        for (int pair = 0; pair < STRIP; pair += 2 * LENGTH) {
            row(halves, Panel.place(inputs, 0, lane) + pair, inputs, a.values(), out, pair);
        }
    }

    private static void row(short[] halves, int at, int inputs, float[] a, float[] out, int lane) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        for (int k = 0; k < inputs; k++) {
            FloatVector r = FloatVector.broadcast(SPECIES, a[k]);
            var u = (IntVector) ShortVector.fromArray(SHORTS, halves, at + k * STRIP)
                    .convertShape(VectorOperators.S2I, INTS, 0);
            var v = (IntVector) ShortVector.fromArray(SHORTS, halves, at + k * STRIP + LENGTH)
                    .convertShape(VectorOperators.S2I, INTS, 0);
            s0 = r.fma(u.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s0);
            s1 = r.fma(v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s1);
        }
        s0.intoArray(out, lane);
        s1.intoArray(out, lane + LENGTH);
    }

    @Override
    public int rows() {
        return ROWS;
    }

    @Override
    public void output(int lane, float[] target, int at) {
        for (int k = 0; k < inputs; k++) {
            target[at + k] = Float.intBitsToFloat(halves[Panel.place(inputs, k, lane)] << 16);
        }
    }

    @Override
    public long bytes() {
        return (long) Short.BYTES * halves.length;
    }
}
