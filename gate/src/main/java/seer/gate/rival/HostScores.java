package seer.gate.rival;

import seer.model.LayerView;

/// Scores of the blocks of one layer's chunk, on the host.
@FunctionalInterface
interface HostScores {
    /// `[H][rows * key blocks]`: per head, query blocks of the chunk by key blocks up to the chunk's end; what lies
    /// above the diagonal is not looked at.
    float[][] maps(LayerView view);
}
