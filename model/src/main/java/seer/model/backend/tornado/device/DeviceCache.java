package seer.model.backend.tornado.device;

import seer.model.backend.KeyValueCache;

/// Keys and values of one layer as two tensors `[G, S, D]`, which may lie in different banks.
public record DeviceCache(DeviceTensor keys, DeviceTensor values) implements KeyValueCache { }
