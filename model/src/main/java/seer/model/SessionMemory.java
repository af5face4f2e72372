package seer.model;

import java.util.Map;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;
import seer.model.load.DType;

/// What a session takes beside the weights, and how it stores keys and values.
///
/// @param cacheType   of keys and values
/// @param cache       bytes of them, of all layers
/// @param activations bytes of what passes through the layers with a chunk
public record SessionMemory(ElementType cacheType, long cache, long activations) {

    /// Of texts of so many tokens, read in chunks of so many.
    ///
    /// @param weights elements of each type that the model is stored in
    public static SessionMemory of(Backend backend, ModelConfig config, Map<DType, Long> weights, int capacity,
                                   int chunk) {
        var type = cacheType(backend, config, weights, capacity);
        return new SessionMemory(type,
                config.layers() * backend.cacheBytes(type, config.groups(), capacity, config.headWidth()),
                Activations.bytes(backend, config, Math.min(chunk, capacity)));
    }

    private static ElementType cacheType(Backend backend, ModelConfig config, Map<DType, Long> weights, int capacity) {
        long quantized = weights.keySet().stream().anyMatch(DType::isQuantized) ? bytes(weights) : 0;
        return backend.cacheType(2L * config.layers() * config.groups() * config.headWidth() * capacity, quantized);
    }

    /// Bytes of so many elements of each type.
    private static long bytes(Map<DType, Long> weights) {
        return weights.entrySet().stream()
                .mapToLong(each -> each.getValue() / each.getKey().block() * each.getKey().bytes()).sum();
    }

    /// Bytes of all.
    public long bytes() {
        return cache + activations;
    }
}
