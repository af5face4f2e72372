package seer.model;

import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Rotary;
import seer.model.backend.Tensor;

/// What a selector or an observer sees of one layer while one chunk of a prompt passes through it.
///
/// Tensors live on the backend and are overwritten by the next layer: download what is to be kept.
///
/// @param arena      of the prompt: for what is needed until it is read
/// @param layer      index of the layer
/// @param offset     position of the chunk's first token
/// @param rows       tokens in the chunk
/// @param total      tokens of the whole prompt
/// @param rawQueries `[H, T, D]` before rotation, this chunk
/// @param rawKeys    `[G, T, D]` before rotation, this chunk
/// @param queries    `[H, T, D]` after rotation, this chunk
/// @param cache      keys after rotation and values at positions `0 .. offset + rows`
/// @param pooled     whether what [BlockSelector.Run#pools] asked for is there
public record LayerView(Arena arena, ModelConfig config, int layer, int offset, int rows, int total,
                        Tensor rawQueries, Tensor rawKeys, Tensor queries, KeyValueCache cache, boolean pooled) {

    /// Where it is computed.
    public Backend backend() {
        return arena.backend();
    }

    /// First query block of the chunk.
    public int firstBlock(int block) {
        return offset / block;
    }

    /// Query blocks of the chunk, the last one perhaps short.
    public int blocks(int block) {
        return Math.ceilDiv(rows, block);
    }

    /// Blocks of the whole prompt.
    public int totalBlocks(int block) {
        return Math.ceilDiv(total, block);
    }

    /// The rotation of vectors of this width, by the model's own frequencies.
    public Rotary rotary(int width) {
        return config.rope().rotary(width, total);
    }
}
