package seer.eval.plan;

import seer.gate.SelectorSpec;
import seer.gate.rival.Criterion;

/// A way of choosing blocks whose density is open: `gate`, which keeps the same share of blocks in every row
/// (`gate:density=0.1`), or `gate:threshold`, whose setting is found for a density.
///
/// @param scorer    what scores the blocks, as a [SelectorSpec] begins
/// @param criterion what they are chosen by, as a [SelectorSpec] names it
/// @param correction as a [SelectorSpec] ends, `+rest`; empty for none
public record Method(String scorer, String criterion, String correction) {
    private static final String DENSITY = Criterion.DENSITY.word();

    /// Reads `SCORER` or `SCORER:CRITERION`.
    static Method parse(String text) {
        int plus = text.indexOf('+');
        String alone = plus < 0 ? text : text.substring(0, plus);
        String correction = plus < 0 ? "" : text.substring(plus);
        int colon = alone.indexOf(':');
        return colon < 0 ? new Method(alone, DENSITY, correction)
                : new Method(alone.substring(0, colon), alone.substring(colon + 1), correction);
    }

    /// The selector with that value of the criterion.
    ///
    /// @throws IllegalArgumentException quoting it, if there is no such selector
    SelectorSpec at(double value) {
        return SelectorSpec.parse(written(value));
    }

    /// The selector that keeps that share in every row.
    SelectorSpec top(double density) {
        return new Method(scorer, DENSITY, correction).at(density);
    }

    /// What it chooses by.
    Criterion by() {
        return Criterion.named(criterion).orElseThrow(() -> new IllegalArgumentException("method " + scorer + ":"
                + criterion + " chooses by " + criterion + ", which is no criterion"));
    }

    /// Whether a value has to be found for each length.
    boolean isCalibrated() {
        return !criterion.equals(DENSITY);
    }

    /// Label at a density: `gate:density=0.1`, `gate:threshold@0.1`.
    String label(double density) {
        return isCalibrated() ? scorer + ":" + criterion + "@" + density + correction : written(density);
    }

    private String written(double value) {
        return scorer + ":" + criterion + "=" + value + correction;
    }
}
