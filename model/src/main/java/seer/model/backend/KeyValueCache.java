package seer.model.backend;

/// Keys after their rotation and values of one layer, as its backend lays them out: they grow with the text, by
/// [Backend#append], and are read by [Backend#attend], [Backend#attendOne] and [Backend#pooledAttention].
///
/// Who wants to see them asks for [#keys()] and [#values()]: rivals, pictures, distillation.
public interface KeyValueCache {
    /// The arena that it lives in.
    default Arena arena() {
        return keys().arena();
    }

    /// How its elements are stored.
    default ElementType type() {
        return arena().backend().precision();
    }

    /// `G`, key/value heads.
    default int groups() {
        return keys().extent(0);
    }

    /// `S`, tokens that fit.
    default int capacity() {
        return keys().extent(1);
    }

    /// `D`, width of a head.
    default int width() {
        return keys().extent(2);
    }

    /// Keys as `[G, S, D]`, rows behind those appended being whatever they are: the memory itself or a copy of it, as
    /// the backend has it, to be read until the next [Backend#append].
    Tensor keys();

    /// Values as `[G, S, D]`, likewise.
    Tensor values();
}
