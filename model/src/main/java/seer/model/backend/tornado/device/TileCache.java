package seer.model.backend.tornado.device;

import seer.model.backend.KeyValueCache;

/// Keys and values of one layer in tiles of bf16, as bulk copies bring them into local memory.
public record TileCache(TileTensor keys, TileTensor values) implements KeyValueCache {
    /// Fails where kernels on tensor cores have no place for heads of this width.
    public static void requireWidth(int width) {
        if (width != 64 && width != 128) {
            throw new IllegalArgumentException("heads are " + width + " wide, tensor cores are used for 64 and 128: "
                    + "take --precision f32");
        }
    }
}
