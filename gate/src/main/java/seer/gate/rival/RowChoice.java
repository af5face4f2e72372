package seer.gate.rival;

import java.util.Arrays;
import seer.model.attention.SelectionRule;
import seer.model.attention.TopScores;

/// How the scores of one row of blocks, on the host, become kept blocks, before anything is forced.
sealed interface RowChoice {

    /// Sets `kept[j]` for the chosen ones of `scores[at .. at + count]`.
    ///
    /// @param total blocks of the whole prompt
    /// @param kept  all false at first, at least `count` long
    void mark(float[] scores, int at, int count, int total, boolean[] kept);

    /// The choice that a setting stands for.
    static RowChoice of(Setting setting) {
        return switch (setting.criterion()) {
            case DENSITY -> new Top(setting.value());
            case THRESHOLD -> new Above(setting.value());
            case MASS -> new Mass(setting.value());
            case BUDGET -> throw new IllegalArgumentException("budget is of a layer, wanted a row's criterion");
        };
    }

    /// The rule as the command line writes it: `density=0.1`.
    String label();

    /// The largest `k` of a row, ties to the lower index; `k` by [SelectionRule.TopBlocks#perRow].
    record Top(SelectionRule.TopBlocks rule) implements RowChoice {
        Top(double density) {
            this(new SelectionRule.TopBlocks(density));
        }

        @Override
        public void mark(float[] scores, int at, int count, int total, boolean[] kept) {
            var top = TopScores.of(scores, at, count, rule.perRow(total), new float[count]);
            for (int j = 0; j < count; j++) {
                kept[j] = top.keeps(scores[at + j]);
            }
        }

        @Override
        public String label() {
            return Setting.density(rule.density()).text();
        }
    }

    /// What is strictly above `threshold` once the row, not negative, has been made to sum to 1.
    record Above(double threshold) implements RowChoice {
        public Above {
            if (!(threshold >= 0 && threshold < 1)) {
                throw new IllegalArgumentException("threshold is " + threshold + ", wanted at least 0 and below 1");
            }
        }

        @Override
        public void mark(float[] scores, int at, int count, int total, boolean[] kept) {
            double sum = sum(scores, at, count);
            for (int j = 0; j < count; j++) {
                kept[j] = (float) (scores[at + j] / sum) > (float) threshold;
            }
        }

        @Override
        public String label() {
            return new Setting(Criterion.THRESHOLD, threshold).text();
        }
    }

    /// The fewest blocks, the largest first, that hold at least the share `mass` of the row's sum; ties to the lower
    /// index.
    record Mass(double mass) implements RowChoice {
        public Mass {
            if (!(mass > 0 && mass <= 1)) {
                throw new IllegalArgumentException("mass is " + mass + ", wanted above 0 and at most 1");
            }
        }

        @Override
        public void mark(float[] scores, int at, int count, int total, boolean[] kept) {
            float[] row = Arrays.copyOfRange(scores, at, at + count);
            int[] order = Ranking.largestFirst(row, 0, count);
            int chosen = Ranking.holding(mass, row, order);
            for (int i = 0; i < chosen; i++) {
                kept[order[i]] = true;
            }
        }

        @Override
        public String label() {
            return new Setting(Criterion.MASS, mass).text();
        }
    }

    private static double sum(float[] scores, int at, int count) {
        double sum = 0;
        for (int j = 0; j < count; j++) {
            sum += scores[at + j];
        }
        return sum;
    }
}
