package uk.ac.manchester.tornado.api;

import java.util.function.IntFunction;

import seer.sim.Fence;
import seer.sim.Hooks;
import seer.sim.WorkItem;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/// A work-item's view of its place in the grid and of its group.
///
/// A program passes a fresh context to a task; the simulator replaces it by one context for each
/// work-item. On a context that no work-item owns, barriers do nothing and local arrays are private.
public class KernelContext implements ExecutionContext {

    static {
        Hooks.contexts(KernelContext::new);
    }

    public final Integer globalIdx;
    public final Integer globalIdy;
    public final Integer globalIdz;
    public final Integer groupIdx;
    public final Integer groupIdy;
    public final Integer groupIdz;
    public final Integer localIdx;
    public final Integer localIdy;
    public final Integer localIdz;
    public final Integer globalGroupSizeX;
    public final Integer globalGroupSizeY;
    public final Integer globalGroupSizeZ;
    public final Integer localGroupSizeX;
    public final Integer localGroupSizeY;
    public final Integer localGroupSizeZ;

    private final WorkItem item;

    public KernelContext() {
        this(WorkItem.NOWHERE);
    }

    private KernelContext(WorkItem item) {
        this.item = item;
        globalIdx = item.global(0);
        globalIdy = item.global(1);
        globalIdz = item.global(2);
        groupIdx = item.group(0);
        groupIdy = item.group(1);
        groupIdz = item.group(2);
        localIdx = item.local(0);
        localIdy = item.local(1);
        localIdz = item.local(2);
        globalGroupSizeX = item.globalSize(0);
        globalGroupSizeY = item.globalSize(1);
        globalGroupSizeZ = item.globalSize(2);
        localGroupSizeX = item.localSize(0);
        localGroupSizeY = item.localSize(1);
        localGroupSizeZ = item.localSize(2);
    }

    /// Waits until all items of the group are here. What they did in local memory before comes before
    /// what they do in it afterwards; global memory stays without order.
    @Override
    public void localBarrier() {
        item.barrier(Fence.LOCAL);
    }

    /// The same for global memory; local memory stays without order.
    @Override
    public void globalBarrier() {
        item.barrier(Fence.GLOBAL);
    }

    @Override
    public int[] allocateIntLocalArray(int size) {
        return shared(size, 4, int[]::new);
    }

    @Override
    public byte[] allocateByteLocalArray(int size) {
        return shared(size, 1, byte[]::new);
    }

    @Override
    public HalfFloat[] allocateHalfFloatLocalArray(int size) {
        return shared(size, 2, HalfFloat[]::new);
    }

    @Override
    public long[] allocateLongLocalArray(int size) {
        return shared(size, 8, long[]::new);
    }

    @Override
    public float[] allocateFloatLocalArray(int size) {
        return shared(size, 4, float[]::new);
    }

    @Override
    public double[] allocateDoubleLocalArray(int size) {
        return shared(size, 8, double[]::new);
    }

    private <A> A shared(int size, int elementBytes, IntFunction<A> maker) {
        return item.localArray(size, elementBytes, maker);
    }

    @Override
    public void atomicAdd(IntArray array, int index, int val) {
        item.atomically(array, () -> array.set(index, array.get(index) + val));
    }

    @Override
    public void atomicAdd(int[] array, int index, int val) {
        item.atomicAdd(array, index, val);
    }

    @Override
    public void atomicAdd(LongArray array, int index, long val) {
        item.atomically(array, () -> array.set(index, array.get(index) + val));
    }

    @Override
    public void atomicAdd(FloatArray array, int index, float val) {
        item.atomically(array, () -> array.set(index, array.get(index) + val));
    }

    @Override
    public void atomicAdd(DoubleArray array, int index, double val) {
        item.atomically(array, () -> array.set(index, array.get(index) + val));
    }

    /// An accumulator of 16 rows and 8 columns, spread over a warp, each element `v`.
    public float[] mmaFragment(float v) {
        return item.warp().fragment(v);
    }

    /// The left operand: 16 rows of 16 halves, row after row, two to an int.
    public HalfFloat[] mmaLoadA(int[] aTile, int wmmaK) {
        return item.warp().loadA(aTile, 0);
    }

    public HalfFloat[] mmaLoadA(int[] aTile, int wmmaK, int byteOffset) {
        return item.warp().loadA(aTile, byteOffset);
    }

    /// The right operand: 16 rows (the depth) of 8 halves.
    public HalfFloat[] mmaLoadB(int[] bTile, int wmmaK) {
        return item.warp().loadB(bTile, 0);
    }

    public HalfFloat[] mmaLoadB(int[] bTile, int wmmaK, int byteOffset) {
        return item.warp().loadB(bTile, byteOffset);
    }

    /// `a b + c` with operands read as IEEE halves.
    public float[] mma(HalfFloat[] fragA, HalfFloat[] fragB, float[] fragC, MMAShape mmaShape) {
        return item.warp().multiply(fragA, fragB, fragC, mmaShape, false);
    }

    /// `a b + c` with operands read as bfloat16.
    public float[] mmaBF16(HalfFloat[] fragA, HalfFloat[] fragB, float[] fragC, MMAShape mmaShape) {
        return item.warp().multiply(fragA, fragB, fragC, mmaShape, true);
    }

    /// Writes the accumulator into a matrix with rows of `dimN` elements.
    public void mmaStore(float[] fragD, FloatArray c, int tileRow, int tileCol, int dimN) {
        item.warp().store(fragD, c, tileRow, tileCol, dimN);
    }

    /// Starts to copy two halves into one element of a local array; see [#asyncCopyWaitGroup(int)].
    public void asyncCopyToLocal(int[] dstTile, int dstIndex, HalfFloatArray src, int srcIndex) {
        int low = src.get(srcIndex).getHalfFloatValue() & 0xFFFF;
        int high = src.get(srcIndex + 1).getHalfFloatValue() & 0xFFFF;
        item.copies().start(dstTile, dstIndex, low | high << 16);
    }

    /// Starts to copy four bytes into one element of a local array.
    public void asyncCopyToLocal(int[] dstTile, int dstIndex, ByteArray src, int srcIndex) {
        int word = 0;
        for (int i = 3; i >= 0; i--) {
            word = word << 8 | src.get(srcIndex + i) & 0xFF;
        }
        item.copies().start(dstTile, dstIndex, word);
    }

    /// Closes the set of copies that this item started since the last commit.
    public void asyncCopyCommit() {
        item.copies().commit();
    }

    /// Waits until at most `groups` committed sets are under way. Other items see the copies only
    /// after a barrier that follows.
    public void asyncCopyWaitGroup(int groups) {
        item.copies().await(groups);
    }
}
