package seer.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// A question about the gates: variants that differ in one thing from the published form, which is in every study.
public enum Ablation {
    /// Tokens along one edge of a block.
    BLOCK("block=8", "block=16", "block=32", "block=128"),
    /// What makes scores probabilities, and what is made small.
    LOSS("loss=mse", "activation=sigmoid,loss=bce", "activation=sigmoid,loss=mse"),
    /// What a block of queries or keys is pooled to.
    POOLING("type=Qavg_Kavg", "type=Qavg_Kmax", "type=Qavg_Kmaxmin", "type=Qmaxminavg_Kmaxminavg"),
    /// Length of the vectors that are compared.
    WIDTH("width=32", "width=128"),
    /// The largest or the mean attention probability of a block.
    TARGET("target=average"),
    /// Rotation at the blocks' starts.
    ROPE("rope=false"),
    /// Rows at the beginning that do not count.
    DROP("drop=0", "drop=0.5"),
    /// A quarter of the sequences' length, and half of it.
    LENGTH;

    private static final String PUBLISHED = "published";

    private final List<String> settings;

    Ablation(String... settings) {
        this.settings = List.of(settings);
    }

    /// A gate to train.
    ///
    /// @param name     of its folder and in tables
    /// @param settings in the grammar of [seer.gate.train.GateRecipeSpec], without the name; empty as published
    /// @param length   tokens of a training sequence
    public record Variant(String name, String settings, int length) {
        /// As `seer train-gate --gate` reads it.
        public String recipe() {
            return settings.isEmpty() ? name : name + ":" + settings;
        }
    }

    /// As on a command line.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The published form first.
    ///
    /// @param length tokens of a training sequence where the study is not about them
    public List<Variant> variants(int length) {
        var variants = new ArrayList<Variant>();
        variants.add(new Variant(PUBLISHED, "", length));
        if (this == LENGTH) {
            Stream.of(length / 4, length / 2).forEach(other ->
                    variants.add(new Variant("length-" + other, "", other)));
        }
        settings.forEach(each -> variants.add(new Variant(each.replaceAll("[^A-Za-z0-9.]+", "-"), each, length)));
        return variants;
    }
}
