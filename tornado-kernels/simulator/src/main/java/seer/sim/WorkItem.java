package seer.sim;

import java.util.function.IntFunction;

import uk.ac.manchester.tornado.api.KernelContext;

/// One simulated thread: its place in the grid, and what it may ask of its group.
///
/// `KernelContext` hands its calls on to here. [#NOWHERE] stands for a context that a program
/// created itself.
public final class WorkItem {

    /// Owner of contexts that no launch created: alone in its group.
    public static final WorkItem NOWHERE = new WorkItem(null, 0, new int[3]);

    final WorkGroup group;
    final int linear;
    private final int[] local;
    private final Copies copies;
    private final Warp warp;
    private int allocations;

    WorkItem(WorkGroup group, int linear, int[] local) {
        this.group = group;
        this.linear = linear;
        this.local = local;
        this.copies = new Copies(this);
        this.warp = new Warp(this);
    }

    public int local(int dimension) {
        return local[dimension];
    }

    public int group(int dimension) {
        return group == null ? 0 : group.id(dimension);
    }

    public int localSize(int dimension) {
        return group == null ? 0 : group.launch.local(dimension);
    }

    public int globalSize(int dimension) {
        return group == null ? 0 : group.launch.global(dimension);
    }

    public int global(int dimension) {
        return group(dimension) * localSize(dimension) + local(dimension);
    }

    public Copies copies() {
        return copies;
    }

    public Warp warp() {
        if (group == null) {
            throw new UnsupportedOperationException("matrix fragments exist only in a launch");
        }
        return warp;
    }

    public void barrier(Fence fence) {
        if (group != null) {
            group.barrier(this, fence);
        }
    }

    /// The group's array for this item's next allocation: the same one for all its items.
    public <A> A localArray(int size, int elementBytes, IntFunction<A> maker) {
        return group == null ? maker.apply(size)
                : group.locals.allocate(allocations++, size, elementBytes, maker);
    }

    /// Runs `update` as one step that may meet other atomic steps on the same element.
    public void atomically(Object array, Runnable update) {
        synchronized (array) {
            if (group == null) {
                update.run();
                return;
            }
            group.enterAtomic();
            update.run();
            group.enter(group.item);
            group.launch.usesAtomics();
        }
    }

    public void atomicAdd(int[] array, int index, int value) {
        atomically(array, () -> {
            Probe.read(array, index);
            Probe.write(array, index, array[index] + value);
        });
    }

    int allocations() {
        return allocations;
    }

    /// Prepares the item for its next group.
    KernelContext begin() {
        allocations = 0;
        copies.clear();
        warp.beginPhase();
        return Hooks.context(this);
    }
}
