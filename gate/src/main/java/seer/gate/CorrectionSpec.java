package seer.gate;

import java.io.Serializable;
import seer.model.BlockSelector;
import seer.model.CorrectedSelector;
import seer.model.DeltaRows;
import seer.model.RestMeans;

/// What corrects attention over chosen blocks, as a [SelectorSpec] ends: `+rest`, `+delta`, `+delta=32`.
public sealed interface CorrectionSpec extends Serializable {
    /// What can be written.
    static String grammar() {
        return "+rest or +delta[=ROWS]";
    }

    /// What is left out counts by the means of its blocks.
    record Rest() implements CorrectionSpec {
        private static final String WORD = "+rest";

        @Override
        public String text() {
            return WORD;
        }

        @Override
        public double share(int block) {
            return 1.0 / block;
        }

        @Override
        public CorrectedSelector on(BlockSelector selector, String label) {
            return new RestMeans(selector, label);
        }
    }

    /// Some rows are computed densely and correct those behind them.
    ///
    /// @param spacing rows from one to the next
    record Delta(int spacing) implements CorrectionSpec {
        private static final String WORD = "+delta";

        public Delta {
            var _ = new DeltaRows(BlockSelector.dense(), spacing, WORD);
        }

        @Override
        public String text() {
            return WORD + "=" + spacing;
        }

        @Override
        public double share(int block) {
            return 1.0 / spacing;
        }

        @Override
        public CorrectedSelector on(BlockSelector selector, String label) {
            return new DeltaRows(selector, spacing, label);
        }
    }

    /// As [#parse] reads it.
    String text();

    /// Share of the causal map that it computes.
    double share(int block);

    /// A selector with it.
    CorrectedSelector on(BlockSelector selector, String label);

    /// Reads a correction.
    ///
    /// @throws IllegalArgumentException if it is none
    static CorrectionSpec parse(String text) {
        if (text.equals(Rest.WORD)) {
            return new Rest();
        }
        if (text.equals(Delta.WORD)) {
            return new Delta(DeltaRows.SPACING);
        }
        if (text.startsWith(Delta.WORD + "=")) {
            return new Delta(Integer.parseInt(text.substring(Delta.WORD.length() + 1)));
        }
        throw new IllegalArgumentException("\"" + text + "\" corrects nothing");
    }
}
