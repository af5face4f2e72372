package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import seer.model.backend.Rotary;

/// Rotary embedding of rows at evenly spaced positions.
///
/// A task is 64 rows of all heads. It takes cosine and sine of its first position exactly and reaches the others
/// by turning on from row to row in double precision: 64 turns lose some 1e-14, at any position, and cost a
/// fraction of the library's cosine. All layers of a decoded token turn by the same angles, which are kept.
final class Rotation {
    private static final int ROWS = 64;

    /// Cosines and sines of some positions in a row.
    ///
    /// @param position the first
    record Angles(Rotary rotary, int position, float[] cos, float[] sin) { }

    private final Rotary rotary;
    private final int first;
    private final int step;
    private final double[] stepCos; // [width / 2], 0 where there is one row
    private final double[] stepSin;

    Rotation(Rotary rotary, int first, int step) {
        this.rotary = rotary;
        this.first = first;
        this.step = step;
        int half = rotary.width() / 2;
        stepCos = new double[half];
        stepSin = new double[half];
    }

    private void steps() {
        for (int i = 0; i < stepCos.length; i++) {
            stepCos[i] = Math.cos(step * rotary.inverseFrequency()[i]);
            stepSin[i] = Math.sin(step * rotary.inverseFrequency()[i]);
        }
    }

    /// Row `from + t` of every head of `x`, into row `at + t` of `target`; columns beyond the rotary width are
    /// copied.
    void run(CpuThreads threads, CpuTensor x, int from, int rows, CpuTensor target, int at) {
        if (rows > 1) {
            steps();
        }
        threads.run((rows + ROWS - 1) / ROWS, (task, scratch) -> {
            int row = task * ROWS;
            int count = Math.min(ROWS, rows - row);
            int half = stepCos.length;
            Angles angles = rows == 1 ? one(scratch) : angles(row, count, new Angles(rotary, first,
                    scratch.floats(0, ROWS * half), scratch.floats(1, ROWS * half)), scratch);
            int width = x.extent(2);
            for (int head = 0; head < x.extent(0); head++) {
                for (int t = 0; t < count; t++) {
                    int source = (head * x.extent(1) + from + row + t) * width;
                    int to = (head * target.extent(1) + at + row + t) * width;
                    turn(x.values(), source, target.values(), to, angles, t * half, half);
                    if (2 * half < width) {
                        System.arraycopy(x.values(), source + 2 * half, target.values(), to + 2 * half,
                                width - 2 * half);
                    }
                }
            }
        });
    }

    /// The first position's, from the last call with this scratch where they are the same.
    private Angles one(Scratch scratch) {
        Angles last = scratch.angles();
        if (last == null || last.rotary != rotary || last.position != first) {
            int half = stepCos.length;
            last = angles(0, 1, new Angles(rotary, first, new float[half], new float[half]), scratch);
            scratch.keep(last);
        }
        return last;
    }

    private Angles angles(int row, int count, Angles angles, Scratch scratch) {
        int half = stepCos.length;
        double[] c = scratch.doubles(0, half);
        double[] s = scratch.doubles(1, half);
        double position = first + (double) row * step;
        for (int i = 0; i < half; i++) {
            double angle = position * rotary.inverseFrequency()[i];
            c[i] = Math.cos(angle) * rotary.scale();
            s[i] = Math.sin(angle) * rotary.scale();
        }
        for (int t = 0; t < count; t++) {
            advance(c, s, stepCos, stepSin, half, angles.cos, angles.sin, t * half);
        }
        return angles;
    }

    private static void advance(double[] c, double[] s, double[] stepCos, double[] stepSin, int half, float[] cos,
                                float[] sin, int at) {
        for (int i = 0; i < half; i++) {
            double x = c[i];
            double y = s[i];
            cos[at + i] = (float) x;
            sin[at + i] = (float) y;
            c[i] = x * stepCos[i] - y * stepSin[i];
            s[i] = y * stepCos[i] + x * stepSin[i];
        }
    }

    /// By hand, since source and target may be one array, which keeps the compiler from making vectors of the loop.
    private static void turn(float[] x, int from, float[] y, int to, Angles angles, int at, int half) {
        float[] cos = angles.cos;
        float[] sin = angles.sin;
        int i = 0;
        for (; i <= half - LENGTH; i += LENGTH) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, from + i);
            FloatVector b = FloatVector.fromArray(SPECIES, x, from + half + i);
            FloatVector c = FloatVector.fromArray(SPECIES, cos, at + i);
            FloatVector s = FloatVector.fromArray(SPECIES, sin, at + i);
            a.mul(c).sub(b.mul(s)).intoArray(y, to + i);
            b.mul(c).add(a.mul(s)).intoArray(y, to + half + i);
        }
        for (; i < half; i++) {
            float a = x[from + i];
            float b = x[from + half + i];
            y[to + i] = a * cos[at + i] - b * sin[at + i];
            y[to + half + i] = b * cos[at + i] + a * sin[at + i];
        }
    }
}
