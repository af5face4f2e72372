package seer.model.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Vector width of this machine, and the tile sizes that follow from it.
final class Lanes {
    /// The widest vectors that the processor likes.
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /// Vectors of as many bits with whole numbers of 32 bits, as many as floats.
    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());
    /// The same with numbers of 16 bits, twice as many.
    static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, SPECIES.vectorShape());
    /// Floats in a vector.
    static final int LENGTH = SPECIES.length();
    /// Vectors side by side in a micro-tile. Four, times four rows, are 16 accumulators + 4 operands + 1
    /// broadcast = 21 registers: fits the 32 of AVX-512 and NEON. AVX2 (8 lanes) has 16: 2 x 6 + 2 + 1 = 15.
    static final int GROUP = group(LENGTH);
    /// Lanes of a micro-tile. Panels are stored strip after strip, so that a kernel reads one line after the other:
    /// 576 lines that lie 256 bytes apart share a quarter of the level-1 cache's sets, and none stays.
    static final int STRIP = strip(LENGTH);
    /// Columns of a panel and queries of a tile, whole strips. A chunk of 64 x 64 floats is 16 KiB: half of a level-1
    /// cache.
    static final int PANEL = panel(LENGTH);

    /// By the logarithm of the distance.
    private static final VectorShuffle<Float>[] ROTATIONS = rotations();

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static VectorShuffle<Float>[] rotations() {
        var rotations = new VectorShuffle[Integer.numberOfTrailingZeros(LENGTH)];
        for (int i = 0; i < rotations.length; i++) {
            rotations[i] = VectorShuffle.iota(SPECIES, 1 << i, 1, true);
        }
        return rotations;
    }

    private Lanes() {
    }

    private static int group(int length) {
        return length == 8 ? 2 : 4;
    }

    /// Lanes of a micro-tile where vectors have so many floats.
    static int strip(int length) {
        return group(length) * length;
    }

    /// Columns of a panel there. Vectors of 32 floats make strips of 128.
    static int panel(int length) {
        return Math.max(64, strip(length));
    }

    /// `count` rounded up to whole vectors.
    static int padded(int count) {
        return (count + LENGTH - 1) / LENGTH * LENGTH;
    }

    /// The sum of the lanes by halves, always in this order: `reduceLanes` adds in one order before it is compiled and
    /// in another after, and a run would not repeat to the bit.
    static float total(FloatVector sum) {
        for (int half = LENGTH / 2; half > 0; half /= 2) {
            sum = sum.add(sum.rearrange(ROTATIONS[Integer.numberOfTrailingZeros(half)]));
        }
        return sum.lane(0);
    }
}
