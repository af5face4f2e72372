package seer.run;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import seer.gate.prompt.Family;
import seer.gate.train.GateRecipe;
import seer.gate.train.GateRecipeSpec;
import seer.gate.train.TrainingPlan;

/// What gates are trained, how long and on what mix.
final class TrainingOptions {
    @Option(names = "--gate", paramLabel = "GATE",
            description = "A gate to train, may be given several times: all learn from the same forward passes. "
                    + GateRecipeSpec.GRAMMAR + " (default: gate, the published form).")
    private List<String> gates = List.of("gate");

    @Option(names = "--length", paramLabel = "L", split = ",", defaultValue = "8192",
            description = "Tokens of a sequence; of several, one is drawn for each sequence "
                    + "(default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "2000",
            description = "Changes of the weights (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "2",
            description = "Sequences per step, one after the other (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(names = "--lr", paramLabel = "R", defaultValue = "0.001",
            description = "Highest learning rate of gates that do not say theirs (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(names = "--warmup", paramLabel = "N", defaultValue = "20",
            description = "Steps until the learning rate is at its highest (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--clip", paramLabel = "N", defaultValue = "1.0",
            description = "Largest norm of a gate's gradient (default: ${DEFAULT-VALUE}).")
    private double clip;

    @Option(names = "--weight-decay", paramLabel = "W", defaultValue = "0",
            description = "Weight decay of AdamW (default: ${DEFAULT-VALUE}).")
    private double decay;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1",
            description = "Of first weights, sequences and their order (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--retrieval", paramLabel = "SHARE", defaultValue = "0.5",
            description = "Share of sequences that are retrieval prompts, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double retrieval;

    @Mixin private TrainedFamilies families;

    /// @param headWidth width of gates that do not say theirs
    TrainingPlan plan(int headWidth) {
        families.check(retrieval);
        try {
            var recipes = new ArrayList<GateRecipe>();
            for (String gate : gates) {
                recipes.add(GateRecipeSpec.parse(gate, headWidth, rate));
            }
            return new TrainingPlan(recipes, lengths, steps, batch, warmUp, clip, decay, seed);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    double retrieval() {
        return retrieval;
    }

    List<Family> families() {
        return families.families();
    }

    /// What the sequences are made of beside the text, in words.
    String mix() {
        return families.mix(retrieval);
    }
}
