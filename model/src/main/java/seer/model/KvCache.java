package seer.model;

import java.util.List;
import java.util.stream.Stream;
import seer.model.backend.Backend;
import seer.model.backend.Tensor;

/// Keys after rotation and values of every layer, `[G, S, D]` each: they grow with the text.
///
/// @param capacity `S`, tokens that fit
record KvCache(int capacity, List<Tensor> keys, List<Tensor> values) {

    static KvCache allocate(Backend backend, ModelConfig config, int capacity) {
        return new KvCache(capacity, layers(backend, config, capacity), layers(backend, config, capacity));
    }

    static long bytes(Backend backend, ModelConfig config, int capacity) {
        return 2L * config.layers() * backend.bytes(config.groups(), capacity, config.headWidth());
    }

    private static List<Tensor> layers(Backend backend, ModelConfig config, int capacity) {
        return Stream.generate(() -> backend.allocate(config.groups(), capacity, config.headWidth()))
                .limit(config.layers()).toList();
    }
}
