package seer.model.backend.tornado;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import seer.model.backend.BackendUnavailableException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// One buffer of the device and its twin on the host, cut into stretches.
///
/// Until the first operation runs there is no buffer: stretches are only counted, and what is to stand in them is
/// remembered. Then the buffer is made, with some room to spare.
///
/// @param <A> the array type
final class Heap<A extends TornadoNativeArray> {
    /// Elements of an array at most.
    private static final int LARGEST = Integer.MAX_VALUE - 64;

    private final String name;
    private final IntFunction<A> maker;
    private final Budget budget;
    private final Regions regions = new Regions(LARGEST);
    private final List<Consumer<A>> pending = new ArrayList<>();
    private final Runnable outgrown;
    private final String remedy;
    private A array;
    private int wanted; // more elements than the regions ask for

    /// @param outgrown makes all buffers anew, this one larger
    /// @param remedy   what helps where no buffer is large enough, half a sentence
    Heap(String name, IntFunction<A> maker, Budget budget, Runnable outgrown, String remedy) {
        this.name = name;
        this.maker = maker;
        this.budget = budget;
        this.outgrown = outgrown;
        this.remedy = remedy;
    }

    /// The buffer; null before the first operation.
    A array() {
        return array;
    }

    /// Elements in use, gaps included.
    int end() {
        return regions.end();
    }

    /// The first of `size` elements that belong to `owner` as long as it lives; their contents are whatever was there.
    int take(int size, Object owner) {
        int first = regions.take(size, owner);
        if (first == Regions.NO_ROOM && array != null) {
            System.gc(); // owners that nobody holds any more
            regions.await();
            first = regions.take(size, owner);
            if (first == Regions.NO_ROOM) {
                wanted = size;
                outgrown.run();
                first = regions.take(size, owner);
            }
        }
        if (first == Regions.NO_ROOM) {
            throw new BackendUnavailableException(Device.NAME, "its " + name + " would have more than 2^31 elements",
                    remedy);
        }
        budget.require();
        return first;
    }

    /// Gives back what was taken without an owner.
    void give(int first, int size) {
        regions.give(first, size);
    }

    /// As [#take], just before the buffer is made: there always is room.
    int room(int size, Object owner) {
        regions.limit(LARGEST);
        return regions.take(size, owner);
    }

    /// Fills a stretch when the buffer is made, which has not happened yet.
    void later(Consumer<A> content) {
        pending.add(content);
    }

    /// Makes the buffer, or a larger one with the same contents.
    ///
    /// @param spare elements beyond those in use
    void make(long spare) {
        A old = array;
        long needed = 64L + regions.end() + wanted + spare;
        long size = Math.min(LARGEST, old == null ? needed : Math.max(needed, old.getSize()));
        wanted = 0;
        regions.limit((int) size);
        array = maker.apply((int) size);
        if (old != null) {
            MemorySegment.copy(old.getSegment(), 0, array.getSegment(), 0, old.getNumBytesOfSegment());
        }
        pending.forEach(content -> content.accept(array));
        pending.clear();
    }
}
