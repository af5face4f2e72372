package seer.model;

import java.util.List;
import seer.model.backend.ElementType;
import seer.model.backend.KeyValueCache;
import seer.model.backend.NotFiniteException;
import seer.model.backend.Tensor;

/// Refuses numbers that are NaN or infinite before anything is read from them, and then looks for where they began.
///
/// What is looked at has come to the host anyway, logits and log-likelihoods, or is one pass over what the layers left
/// of a chunk. The search for the beginning costs more; it takes place once, in front of the error.
///
/// @param model named in the error
record FiniteCheck(LanguageModel model, List<KeyValueCache> cache) {
    private static final String HINT = "the weights are damaged or too large for 32-bit floats, or config.json is not "
            + "theirs";
    private static final String SIXTEEN_BITS = "; or keys or values are beyond 65,504, which this session keeps in 16 "
            + "bits: precision f32 keeps them all";

    /// What all layers made of a chunk.
    ///
    /// @param rows of the stream; row 0 is token `offset`
    void stream(Tensor stream, int offset, int rows) {
        int broken = model.backend().firstBroken(stream, rows);
        if (broken >= 0) {
            throw new NotFiniteException(named() + " computes numbers that are NaN, infinite or beyond 1e16 for token "
                    + (offset + broken) + beginning(offset + rows)).hinting(hint());
        }
    }

    /// Logits after the token at `position`.
    float[] logits(float[] logits, int position) {
        int wrong = 0;
        int first = -1;
        for (int id = 0; id < logits.length; id++) {
            if (!Float.isFinite(logits[id])) {
                first = first < 0 ? id : first;
                wrong++;
            }
        }
        if (wrong > 0) {
            throw new NotFiniteException(named() + " gives logits that are not finite after token " + position + ": "
                    + wrong + " of " + logits.length + ", the first for token id " + first + ", which gets "
                    + logits[first] + beginning(position + 1)).hinting(hint());
        }
        return logits;
    }

    /// Negative log-likelihoods of the successors of the tokens from `offset` on, as far as they are known.
    void likelihoods(float[] negative, int[] successors, int offset) {
        for (int t = 0; t < successors.length; t++) {
            if (successors[t] >= 0 && !Float.isFinite(negative[t])) {
                throw new NotFiniteException(named() + " gives the token after token " + (offset + t)
                        + " a negative log-likelihood of " + negative[t] + ", wanted a finite number"
                        + beginning(offset + t + 1)).hinting(hint());
            }
        }
    }

    /// A choice of blocks that failed on scores which were not finite.
    ///
    /// @param tokens read so far, the chunk included
    NotFiniteException selection(NotFiniteException e, String selector, int tokens) {
        String begun = firstBroken(tokens);
        return e.within(selector).hinting(begun == null
                ? "keys and values of " + named() + " are finite, so look at the weights of the gates"
                : named() + " already computes " + begun + ": " + hint());
    }

    /// Where it began, as the end of a clause.
    private String beginning(int tokens) {
        String begun = firstBroken(tokens);
        return begun == null ? ", though keys and values of all layers are finite" : ", first " + begun;
    }

    /// The first layer whose keys or values are not finite, in words; null if all are.
    private String firstBroken(int tokens) {
        for (int layer = 0; layer < model.config().layers(); layer++) {
            String keys = broken(cache.get(layer).keys(), "keys", layer, tokens);
            String found = keys != null ? keys : broken(cache.get(layer).values(), "values", layer, tokens);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static String broken(Tensor tensor, String what, int layer, int tokens) {
        float[] all = tensor.download();
        int width = tensor.extent(2);
        for (int t = 0; t < tokens; t++) {
            for (int group = 0; group < tensor.extent(0); group++) {
                int at = (group * tensor.extent(1) + t) * width;
                for (int d = 0; d < width; d++) {
                    if (!Float.isFinite(all[at + d])) {
                        return what + " that are not finite in layer " + layer + ", for token " + t;
                    }
                }
            }
        }
        return null;
    }

    private String hint() {
        return cache.getFirst().type() == ElementType.F16 ? HINT + SIXTEEN_BITS : HINT;
    }

    private String named() {
        return "the model in " + model.path();
    }
}
