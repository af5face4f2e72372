package seer.run;

import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import seer.gate.course.MixedSequences;
import seer.gate.course.SequenceSource;
import seer.gate.course.TextCorpus;
import seer.gate.tune.DensitySchedule;
import seer.gate.tune.TunedPart;
import seer.gate.tune.TuningPlan;
import seer.model.LanguageModel;

/// What is fine-tuned, how long, with what attention and on what mix.
final class TuningOptions {
    @Option(names = "--train", paramLabel = "PART", defaultValue = "all",
            description = "Weights that change: " + TunedPart.GRAMMAR + " (default: ${DEFAULT-VALUE}). lora=R adds a "
                    + "product of rank R to every projection of a layer.")
    private String part;

    @Option(names = "--density", paramLabel = "R", defaultValue = "0.5",
            description = "Share of the causal blocks that attention computes, or FROM..TO, evenly over the steps "
                    + "(default: ${DEFAULT-VALUE}).")
    private String density;

    @Option(names = "--dense", description = "Dense attention and no gates: what sparse attention is compared with.")
    private boolean dense;

    @Option(names = "--gate-weight", paramLabel = "W", defaultValue = "0",
            description = "Train the gates beside: weight of their loss beside the model's; the paper has 10 "
                    + "(default: ${DEFAULT-VALUE}, the gates stay as they are).")
    private double gates;

    @Option(names = "--gate-lr", paramLabel = "R", defaultValue = "0.0001",
            description = "Highest learning rate of the gates (default: ${DEFAULT-VALUE}).")
    private double gateRate;

    @Option(names = "--length", paramLabel = "L", split = ",", defaultValue = "8192",
            description = "Tokens of a sequence; of several, one is drawn for each sequence "
                    + "(default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "400",
            description = "Changes of the weights (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "8",
            description = "Sequences whose gradients are added up for a step (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--lr", paramLabel = "R", defaultValue = "0.00001",
            description = "Highest learning rate of the model (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--warmup", paramLabel = "N", defaultValue = "20",
            description = "Steps until the learning rates are at their highest (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--clip", paramLabel = "N", defaultValue = "1.0",
            description = "Largest norm of the whole gradient (default: ${DEFAULT-VALUE}).")
    private double clip;

    @Option(names = "--weight-decay", paramLabel = "W", defaultValue = "0",
            description = "Weight decay of AdamW (default: ${DEFAULT-VALUE}).")
    private double decay;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of sequences, their order and low-rank weights (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--retrieval", paramLabel = "SHARE", defaultValue = "0",
            description = "Share of sequences that are retrieval prompts, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double retrieval;

    @Mixin private TrainedFamilies families;

    /// @param factor of YaRN
    TuningPlan plan(double factor) {
        families.check(retrieval);
        if (dense && gates > 0) {
            throw new UsageException("--gate-weight with --dense, which has no gates");
        }
        try {
            return new TuningPlan(TunedPart.parse(part), dense ? null : DensitySchedule.parse(density), gates, factor,
                    lengths, steps, batch, warmUp, new TuningPlan.Rates(rate, gateRate), clip, decay, seed);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /// What the sequences are made of beside the text, in words.
    String mix() {
        return families.mix(retrieval);
    }

    SequenceSource source(LanguageModel model, TextCorpus corpus) {
        return MixedSequences.of(corpus, model.tokenizer(), retrieval, families.families(), seed);
    }
}
