package seer.sim;

/// What stands in the place of `seer.warp.WarpGroup`: the [Products] of 128 items.
public final class WarpGroupModel {

    private WarpGroupModel() {
    }

    public static void open() {
        Products products = SimulatorThread.group().collectives.products();
        products.step("WarpGroup.open");
        products.registers().open();
    }

    public static void renew(int[] a, int ai, int zero) {
        WorkGroup group = SimulatorThread.group();
        if (zero != 0) {
            throw new KernelFault(Fault.OUT_OF_RANGE, group.place(group.item, null, -1),
                    "WarpGroup.renew wants a 0, not " + zero);
        }
        group.privates.used(a, ai, 4);
    }

    public static void commit() {
        Products products = SimulatorThread.group().collectives.products();
        products.step("WarpGroup.commit");
        products.commit();
    }

    public static void await(int batches) {
        Products products = SimulatorThread.group().collectives.products();
        products.step("WarpGroup.await", batches);
        products.await(batches);
    }

    public static void product(float[] d, int di, int columns, int keep, int[] a, int ai, int[] local, int b,
            int transposed, int leading) {
        Products products = SimulatorThread.group().collectives.products();
        var factor = new SecondFactor(local, b, columns, transposed, leading);
        products.start(factor, -1, keep, di, d, ai, a);
    }

    public static void productLocal(float[] d, int di, int columns, int keep, int[] local, int a, int b, int transposed,
            int leading) {
        Products products = SimulatorThread.group().collectives.products();
        var factor = new SecondFactor(local, b, columns, transposed, leading);
        products.start(factor, a, keep, di, d, 0, null);
    }
}
