package seer.model.backend.cpu;

import static seer.model.backend.cpu.Lanes.LENGTH;
import static seer.model.backend.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;

/// Multiply-adds that touch no memory: what the arithmetic units give at most, and the yardstick of the kernels.
///
/// Twelve independent sums hide latency (4 cycles x 2 units = 8) and fit 16 registers. They are added to, as sums are:
/// a constant to which products were added would have to be copied each time, which is an instruction more.
final class FmaLoop {
    private static final int ROUNDS = 1 << 20;
    private static final int SUMS = 12;

    private FmaLoop() {
    }

    /// Flops per second of all threads together, over some 75 ms after a round to warm up: a mean, not the best
    /// moment, since what is compared with it has to live with the same neighbours on the machine.
    static double flops(CpuThreads threads) {
        var kept = new float[threads.count() * LENGTH];
        threads.run(threads.count(), (task, scratch) -> spin(ROUNDS, kept, task * LENGTH));
        int repeats = 5;
        long begin = System.nanoTime();
        threads.run(repeats * threads.count(), (task, scratch) -> spin(ROUNDS, kept, task % threads.count() * LENGTH));
        double seconds = (System.nanoTime() - begin) * 1e-9;
        return 2.0 * SUMS * LENGTH * ROUNDS * repeats * threads.count() / seconds;
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
            s0 = x.fma(y, s0);
            s1 = x.fma(y, s1);
            s2 = x.fma(y, s2);
            s3 = x.fma(y, s3);
            s4 = x.fma(y, s4);
            s5 = x.fma(y, s5);
            s6 = x.fma(y, s6);
            s7 = x.fma(y, s7);
            s8 = x.fma(y, s8);
            s9 = x.fma(y, s9);
            s10 = x.fma(y, s10);
            s11 = x.fma(y, s11);
        }
        s0.add(s1).add(s2).add(s3).add(s4).add(s5).add(s6).add(s7).add(s8).add(s9).add(s10).add(s11)
                .intoArray(kept, at);
    }
}
