package seer.sim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The products of 128 items, four neighbouring warps, that run while the items go on (`wgmma`).
///
/// All items take the same steps, each at its own time: what the first one does, the others must do after it. A product
/// is computed when a warp waits for it, not before: until then the sums hold what they held, and [Registers] watches
/// that nobody counts on them.
final class Products {

    static final int ITEMS = 128;

    private record Step(String what, int site, int[] arguments) {
    }

    private final WorkGroup group;
    private final int first;
    private final boolean watched;
    private final List<Step> steps = new ArrayList<>();
    private final List<Product> products = new ArrayList<>();
    /// How many products each batch ends behind.
    private final List<Integer> batches = new ArrayList<>();
    /// By item: steps taken, products started, batches closed.
    private final int[] taken = new int[ITEMS];
    private final int[] started = new int[ITEMS];
    private final int[] closed = new int[ITEMS];
    /// By warp: products that were waited for.
    private final int[] finished = new int[ITEMS / Meeting.LANES];
    private final Registers[] registers = new Registers[ITEMS];

    Products(WorkGroup group, int first, boolean watched) {
        this.group = group;
        this.first = first;
        this.watched = watched;
        for (int i = 0; i < ITEMS; i++) {
            registers[i] = new Registers(group, this, i);
        }
    }

    void beginGroup() {
        steps.clear();
        products.clear();
        batches.clear();
        Arrays.fill(taken, 0);
        Arrays.fill(started, 0);
        Arrays.fill(closed, 0);
        Arrays.fill(finished, 0);
        for (Registers each : registers) {
            each.beginGroup();
        }
    }

    private int item() {
        return group.item - first;
    }

    /// Those of the current item.
    Registers registers() {
        return registers[item()];
    }

    /// The current item takes its next step, which must be that of the others.
    void step(String what, int... arguments) {
        int number = taken[item()]++;
        if (number == steps.size()) {
            steps.add(new Step(what, group.site(), arguments));
        }
        Step step = steps.get(number);
        if (step.site != group.site() || !Arrays.equals(step.arguments, arguments)) {
            throw divergent(group.item, "its step " + number + " together with the 128 items from " + first + " on is "
                    + what + Arrays.toString(arguments) + group.line(group.item) + ", that of another "
                    + step.what + Arrays.toString(step.arguments));
        }
    }

    private KernelFault divergent(int item, String reason) {
        return new KernelFault(Fault.DIVERGENT_WARP, group.place(item, null, -1), reason);
    }

    /// All items have ended or wait at a barrier of the group.
    void endPhase() {
        for (int i = 0; i < ITEMS; i++) {
            if (taken[i] != steps.size()) {
                throw divergent(first + i, "it has taken " + taken[i] + " of " + steps.size() + " steps, the next of "
                        + "which is " + steps.get(taken[i]).what);
            }
        }
    }

    void endGroup() {
        for (int i = 0; i < ITEMS; i++) {
            if (finished[i / Meeting.LANES] < started[i]) {
                throw new KernelFault(Fault.UNAWAITED_PRODUCT, group.place(first + i, null, -1),
                        "it has ended without waiting for its products");
            }
        }
    }

    /// The current item asks for a product.
    ///
    /// @param firstAt int of local memory at which the first factor stands; negative: it is in `a`
    void start(SecondFactor second, int firstAt, int keep, int sumsAt, float[] d, int registersAt, int[] a) {
        step(firstAt < 0 ? "WarpGroup.product" : "WarpGroup.productLocal", firstAt, keep == 0 ? 0 : 1, sumsAt,
                registersAt, second.at(), second.columns(), second.transposed(), second.leading());
        int item = item();
        int number = started[item]++;
        if (number == products.size()) {
            second.check(group);
            if (firstAt >= 0) {
                SecondFactor.requireAligned(group, second.local(), firstAt);
                group.locals.requireAligned(second.local(), firstAt, 63 * 32 + 8, 4, "the first factor");
            }
            products.add(new Product(second, firstAt, keep, sumsAt, registersAt));
        }
        Product product = products.get(number);
        if (watched) {
            registers[item].requireReady(product, d, a);
            noteReads(product, item / Meeting.LANES);
        }
        product.sums[item] = d;
        product.registers[item] = a;
    }

    /// A warp's first lane to ask for a product notes what the tensor cores will read; for each lane it must be there.
    private void noteReads(Product product, int warp) {
        LocalArray array = group.locals.find(product.second.local());
        if (product.reads[warp] == null) {
            int stamp = group.launch.tick();
            long reader = Mark.of(stamp, group.order.products(first + warp * Meeting.LANES));
            product.stamps[warp] = stamp;
            product.reads[warp] = new ReadMarks();
            product.read(warp, chunk -> array.readTogether(chunk, reader, product.reads[warp], true));
        }
        array.requireReadable(product.reads[warp], group.item, true);
    }

    void commit() {
        int item = item();
        if (closed[item]++ == batches.size()) {
            batches.add(started[item]);
        }
    }

    /// The current item's warp waits until at most `running` batches are under way.
    void await(int running) {
        Meeting meeting = group.collectives.meeting();
        meeting.word[meeting.lane()] = running;
        meeting.meet("WarpGroup.await", together -> group.collectives.products().finish(together));
    }

    private void finish(Meeting meeting) {
        int warp = item() / Meeting.LANES;
        int over = closed[item()] - meeting.word[0];
        int upTo = over > 0 ? batches.get(over - 1) : 0;
        int stamp = 0;
        while (finished[warp] < upTo) {
            Product product = products.get(finished[warp]++);
            stamp = product.stamps[warp];
            float[][] sums = product.sums.clone();
            product.compute(warp);
            for (int lane = 0; watched && lane < Meeting.LANES; lane++) {
                group.privates.given(sums[warp * Meeting.LANES + lane], product.sumsAt, product.width());
            }
        }
        for (int lane = 0; group.order != null && stamp > 0 && lane < Meeting.LANES; lane++) {
            group.order.saw(meeting.first + lane, group.order.products(meeting.first), stamp);
        }
    }

    /// Products of an item that may be under way, from the first to behind the last.
    int firstUnderWay(int item) {
        return finished[item / Meeting.LANES];
    }

    int lastUnderWay(int item) {
        return started[item];
    }

    Product product(int number) {
        return products.get(number);
    }
}
