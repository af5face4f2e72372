package seer.model.backend.tornado;

import seer.kernels.MultiplyAdd;
import seer.model.backend.tornado.device.Device;
import seer.model.backend.tornado.device.Operation;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// What the device can do at most: multiply-adds in registers.
record Yardstick(Device device) {
    static final int GROUPS = 1024;
    private static final int GROUP = 256;
    /// Long enough that starting a kernel does not count.
    private static final long NANOS = 20_000_000;

    /// Flops per second: the best of five runs of the kernel of [MultiplyAdd], its start and end included.
    double flops(int groups) {
        var y = new FloatArray(groups * GROUP);
        Operation chains = device.operation("yardstick " + groups, () -> new Operation("yardstick " + groups)
                .fetches(y).scaled((graph, id, step) -> graph.task(id, MultiplyAdd::chains, new KernelContext(), y,
                        step.p(), step.f())));
        chains.step(0).floats(0.999, 0.001).groups(groups, 1, 1, GROUP);
        int rounds = 64;
        long nanos = time(chains, rounds);
        while (nanos < NANOS && rounds < 1 << 20) {
            rounds *= 2;
            nanos = time(chains, rounds);
        }
        for (int i = 0; i < 4; i++) {
            nanos = Math.min(nanos, time(chains, rounds));
        }
        return (double) MultiplyAdd.FLOPS * rounds * groups * GROUP / nanos * 1e9;
    }

    private long time(Operation chains, int rounds) {
        chains.step(0).put(0, rounds);
        device.await();
        long start = System.nanoTime();
        device.run(chains);
        device.await();
        return System.nanoTime() - start;
    }
}
