package seer.model.backend.tornado.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/// Makes visible which elements of a bank nobody wrote. The simulator's fresh memory holds a value that says so, and a
/// kernel that reads one is at fault; a stretch that changes hands gets that value again. On a device stretches hold
/// whatever is there, and nothing is done.
record Blank(Device device) {
    /// The bits of `seer.sim.Unwritten`, which this module does not see.
    static final int BITS = 0xFFC5_1E57;

    private static final int COUNT = 0;
    private static final int TO = 1;

    /// A stretch has had another owner before.
    void fill(Stretch stretch) {
        Kind kind = stretch.bank().kind();
        if (!device.simulated()) {
            return;
        }
        Operation blank = device.operation("blank " + kind, () -> new Operation("blank " + kind)
                .step((graph, id, step) -> kind == Kind.FLOATS
                        ? graph.task(id, Blank::floats, new KernelContext(), step.floats(TO), step.p())
                        : graph.task(id, Blank::integers, new KernelContext(), step.integers(TO), step.p())));
        int count = Regions.aligned(stretch.size());
        blank.step(0).put(COUNT, count).put(TO, stretch.start()).items(count);
        device.run(blank);
    }

    static void floats(KernelContext context, FloatArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(COUNT)) {
            to.set(p.get(TO) + i, Float.intBitsToFloat(BITS));
        }
    }

    static void integers(KernelContext context, IntArray to, IntArray p) {
        int i = context.globalIdx;
        if (i < p.get(COUNT)) {
            to.set(p.get(TO) + i, BITS);
        }
    }
}
