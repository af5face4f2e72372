package seer.model.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Vector width of this machine, and the tile sizes that follow from it.
final class Lanes {
    /// The widest vectors that the processor likes.
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /// Floats in a vector.
    static final int LENGTH = SPECIES.length();
    /// Vectors side by side in a micro-tile. Four, times four rows, are 16 accumulators + 4 operands + 1
    /// broadcast = 21 registers: fits the 32 of AVX-512 and NEON. AVX2 (8 lanes) has 16: 2 x 6 + 2 + 1 = 15.
    static final int GROUP = LENGTH == 8 ? 2 : 4;
    /// Lanes of a micro-tile. Panels are stored strip after strip, so that a kernel reads one line after the other:
    /// 576 lines that lie 256 bytes apart share a quarter of the level-1 cache's sets, and none stays.
    static final int STRIP = GROUP * LENGTH;
    /// Columns of a panel and queries of a tile. A chunk of 64 x 64 floats is 16 KiB: half of a level-1 cache.
    static final int PANEL = Math.max(64, LENGTH);

    private Lanes() {
    }

    /// `count` rounded up to whole vectors.
    static int padded(int count) {
        return (count + LENGTH - 1) / LENGTH * LENGTH;
    }
}
