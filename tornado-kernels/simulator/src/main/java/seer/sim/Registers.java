package seer.sim;

import java.util.Arrays;

/// One item's private arrays, as far as products that run beside it use them: nobody else may while they do, and
/// between the last other use and the next product stands a `WarpGroup.open`.
final class Registers {

    private final WorkGroup group;
    private final Products products;
    private final int item;
    private boolean opened;
    /// Arrays that were used since the last `open`, and from which to which element.
    private Object[] used = new Object[4];
    private int[] least = new int[4];
    private int[] most = new int[4];
    private int count;

    Registers(WorkGroup group, Products products, int item) {
        this.group = group;
        this.products = products;
        this.item = item;
    }

    void beginGroup() {
        opened = false;
        Arrays.fill(used, null);
        count = 0;
    }

    void open() {
        opened = true;
        count = 0;
    }

    /// The item itself uses an element.
    void use(Object array, int index) {
        for (int i = products.firstUnderWay(item); i < products.lastUnderWay(item); i++) {
            Product product = products.product(i);
            if (product.sums(item, array, index)) {
                throw fault(Fault.UNAWAITED_PRODUCT, index, "a product that is under way adds to it");
            }
            if (product.factor(item, array, index)) {
                throw fault(Fault.UNAWAITED_PRODUCT, index, "a product that is under way reads it");
            }
        }
        note(array, index);
    }

    private void note(Object array, int index) {
        int i = 0;
        while (i < count && used[i] != array) {
            i++;
        }
        if (i == count) {
            if (count == used.length) {
                used = Arrays.copyOf(used, 2 * count);
                least = Arrays.copyOf(least, 2 * count);
                most = Arrays.copyOf(most, 2 * count);
            }
            used[i] = array;
            least[i] = index;
            most[i] = index;
            count++;
        } else if (index < least[i]) {
            least[i] = index;
        } else if (index > most[i]) {
            most[i] = index;
        }
    }

    /// The item asks for a product with sums in `d` and, if it is not null, the first factor in `a`.
    void requireReady(Product product, float[] d, int[] a) {
        if (!opened) {
            throw fault(Fault.UNOPENED_PRODUCT, product.sumsAt, "no WarpGroup.open comes before the product");
        }
        requireUnused(d, product.sumsAt, product.width());
        boolean running = false;
        for (int i = products.firstUnderWay(item); i < products.lastUnderWay(item) - 1; i++) {
            Product other = products.product(i);
            boolean same = other.sums[item] == d && other.sumsAt == product.sumsAt && other.width() == product.width();
            running |= same;
            if (!same && other.sums[item] == d && other.sumsAt < product.sumsAt + product.width()
                    && product.sumsAt < other.sumsAt + other.width()) {
                throw fault(Fault.UNAWAITED_PRODUCT, product.sumsAt, "a product of another width is under way here");
            }
        }
        if (product.keep != 0 && !running) {
            group.privates.requireValues(d, product.sumsAt, product.width());
        }
        if (a != null) {
            requireUnused(a, product.registersAt, 4);
            group.privates.requireValues(a, product.registersAt, 4);
        }
    }

    private void requireUnused(Object array, int from, int width) {
        for (int i = 0; i < count; i++) {
            if (used[i] == array && most[i] >= from && least[i] < from + width) {
                throw fault(Fault.UNOPENED_PRODUCT, Math.max(from, least[i]),
                        "it was used since the last WarpGroup.open" + group.line(group.item));
            }
        }
    }

    private KernelFault fault(Fault kind, int index, String reason) {
        return new KernelFault(kind, group.place(group.item, "a private array", index), reason);
    }
}
