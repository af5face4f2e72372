package seer.model.backend.tornado.device;

import seer.model.backend.KeyValueCache;

/// Keys and values of one layer in tiles of bf16, as bulk copies bring them into local memory.
public record TileCache(TileTensor keys, TileTensor values) implements KeyValueCache { }
