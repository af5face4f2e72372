package seer.model.backend.tornado.device;

import seer.model.backend.Arena;
import seer.model.backend.KeyValueCache;

/// Keys and values of one layer as two tensors `[G, S, D]`, which may lie in different banks.
public record DeviceCache(DeviceTensor keys, DeviceTensor values) implements KeyValueCache {

    @Override
    public Arena arena() {
        return keys.arena();
    }

    @Override
    public int groups() {
        return keys.extent(0);
    }

    @Override
    public int capacity() {
        return keys.extent(1);
    }

    @Override
    public int width() {
        return keys.extent(2);
    }
}
