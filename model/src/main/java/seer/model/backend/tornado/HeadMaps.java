package seer.model.backend.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import seer.model.backend.tornado.device.Staging;

/// Maps of all heads of a layer: as many are computed before the host waits as one piece of [Staging] brings back.
final class HeadMaps {
    private static final long PIECE = 1 << 21;

    private HeadMaps() { }

    /// What computes maps.
    interface Computed {
        /// Those of `count` heads from `first` on, one after the other.
        float[] maps(int first, int count);
    }

    /// @param rows,offset of queries, as [seer.model.backend.Backend#pooledAttention] has them
    static List<float[]> of(int heads, int rows, int offset, int block, Computed computed) {
        var maps = new ArrayList<float[]>();
        long size = (long) Math.ceilDiv(rows, block) * Math.ceilDiv(offset + rows, block);
        int most = Math.clamp(PIECE / Math.max(size, 1), 1, heads);
        for (int first = 0; first < heads; first += most) {
            int count = Math.min(most, heads - first);
            float[] some = computed.maps(first, count);
            int length = some.length / count;
            for (int i = 0; i < count; i++) {
                maps.add(Arrays.copyOfRange(some, i * length, (i + 1) * length));
            }
        }
        return maps;
    }
}
