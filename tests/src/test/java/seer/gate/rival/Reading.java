package seer.gate.rival;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import seer.model.BlockSelector;
import seer.model.LanguageModel;
import seer.model.ModelConfig;
import seer.model.PrefillReport;
import seer.model.PrefillRequest;
import seer.model.attention.BlockMask;
import seer.model.backend.Backend;
import seer.model.backend.Tensor;
import seer.support.TinyModel;

/// One prompt read by a small random model, and what a selector saw and chose.
///
/// @param layers `[layers * chunks]` in the order they passed
record Reading(ModelConfig config, PrefillReport report, List<Layer> layers) {

    /// One layer and chunk.
    ///
    /// @param queries `[H][T][D]` after rotation, this chunk
    /// @param keys    `[G][S][D]` after rotation, up to the chunk's end
    record Layer(int index, int offset, int total, float[][][] queries, float[][][] keys, BlockMask mask) { }

    /// Reads `tokens` random tokens in chunks of `chunk`.
    static Reading of(Path folder, Backend backend, int tokens, int chunk, BlockSelector selector) {
        int[] prompt = new SplittableRandom(tokens).ints(tokens, 1, 4096).toArray();
        var layers = new ArrayList<Layer>();
        try (var model = LanguageModel.open(folder, backend); var session = model.session(tokens, chunk)) {
            var request = PrefillRequest.of(prompt, selector).observedBy((view, mask, attention, logSumExp) -> {
                mask.index(); // brings the lists over, which go with the layer
                layers.add(new Layer(view.layer(), view.offset(), view.total(), rows(view.queries(), view.rows()),
                        rows(view.cache().keys(), view.offset() + view.rows()), mask));
            });
            return new Reading(model.config(), session.prefill(request), layers);
        }
    }

    /// A model of two layers, four heads and two groups.
    static Path model(Path folder) {
        try {
            return TinyModel.random("llama", 4, 2, 16, true).write(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether a block is kept, whichever chunk it passed in.
    boolean keeps(int layer, int head, int row, int key) {
        for (Layer each : layers) {
            BlockMask mask = each.mask();
            if (each.index() == layer && row >= mask.firstRow() && row < mask.firstRow() + mask.rows()) {
                return mask.keeps(head, row, key);
            }
        }
        throw new IllegalArgumentException("no chunk has row " + row);
    }

    private static float[][][] rows(Tensor tensor, int rows) {
        float[] all = tensor.download();
        int width = tensor.extent(2);
        var apart = new float[tensor.extent(0)][rows][width];
        for (int head = 0; head < apart.length; head++) {
            for (int t = 0; t < rows; t++) {
                System.arraycopy(all, (head * tensor.extent(1) + t) * width, apart[head][t], 0, width);
            }
        }
        return apart;
    }
}
