package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/// Multiply-adds that touch no memory: what the arithmetic units give at most, and the yardstick of the kernels.
///
/// Twelve independent sums hide latency (4 cycles x 2 units = 8) and fit 16 registers.
final class FmaLoop {
    private static final int ROUNDS = 1 << 20;
    private static final int SUMS = 12;

    private FmaLoop() {
    }

    /// Flops per second of all threads together: the best of five rounds of some 15 ms.
    static double flops(CpuThreads threads) {
        double best = 0;
        var kept = new float[threads.count() * LENGTH];
        for (int attempt = 0; attempt < 5; attempt++) {
            long begin = System.nanoTime();
            threads.run(threads.count(), (task, scratch) -> spin(ROUNDS, kept, task * LENGTH));
            double seconds = (System.nanoTime() - begin) * 1e-9;
            best = Math.max(best, 2.0 * SUMS * LENGTH * ROUNDS * threads.count() / seconds);
        }
        return best;
    }

    private static void spin(int rounds, float[] kept, int at) {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector s0 = x;
        FloatVector s1 = x;
        FloatVector s2 = x;
        FloatVector s3 = x;
        FloatVector s4 = x;
        FloatVector s5 = x;
        FloatVector s6 = x;
        FloatVector s7 = x;
        FloatVector s8 = x;
        FloatVector s9 = x;
        FloatVector s10 = x;
        FloatVector s11 = x;
        for (int i = 0; i < rounds; i++) {
            s0 = s0.fma(x, y);
            s1 = s1.fma(x, y);
            s2 = s2.fma(x, y);
            s3 = s3.fma(x, y);
            s4 = s4.fma(x, y);
            s5 = s5.fma(x, y);
            s6 = s6.fma(x, y);
            s7 = s7.fma(x, y);
            s8 = s8.fma(x, y);
            s9 = s9.fma(x, y);
            s10 = s10.fma(x, y);
            s11 = s11.fma(x, y);
        }
        s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).add(s8).add(s9).add(s10).add(s11)
                .intoArray(kept, at);
    }
}
